"""FATE's examples of vertical logistic regression beyond the normal one, as pipelines: each mode trains, and gives what
it has to give."""

import unittest

import desk
import pipelines
from pipeline.component import DataTransform, Evaluation, HeteroLR, Intersection
from pipeline.interface import Data, Model


def three_classes():
    """Uploads the example's guest table with three classes instead of two, and the host's."""
    with open(desk.example("breast_hetero_guest.csv")) as file:
        lines = file.read().splitlines()
    rows = [lines[0]]
    for line in lines[1:]:
        number, y, first, rest = line.split(",", 3)
        kind = 0 if y == "1" else 1 + (float(first) > 1.0)
        rows.append(f"{number},{kind},{first},{rest}")
    path = desk.write("classes.csv", "\n".join(rows) + "\n")
    conf = desk.upload_conf("breast_hetero_guest", file=path)
    desk.wait(desk.sdk.data.upload(conf, drop=1)["jobId"], desk.LOCAL)


class Modes(unittest.TestCase):
    """All of them on the tables of the example."""

    @classmethod
    def setUpClass(cls):
        desk.upload_example()

    def between(self, value, least, most):
        """Checks that a figure is in its range."""
        self.assertTrue(least <= value <= most, f"{value} is not from {least} to {most}")

    def test_batches(self):
        pipeline = pipelines.training(max_iter=6, batch_size=320, optimizer="sgd")
        pipeline.fit()
        self.between(pipelines.metric(pipeline, "auc"), 0.97, 1.0)

    def test_validation_and_early_stop(self):
        pipeline = pipelines.empty()
        train = pipelines.prepared(pipeline)
        validate = pipelines.prepared(pipeline, number=1, like=pipeline.data_transform_0)
        callbacks = {"callbacks": ["EarlyStopping", "PerformanceEvaluate"], "validation_freqs": 1,
                     "early_stopping_rounds": 1, "metrics": ["auc"], "use_first_metric_only": True}
        regression = pipelines.learner(max_iter=20, optimizer="sgd", learning_rate=3.0, callback_param=callbacks)
        # A component with several inputs of data.
        data = Data(train_data=train.output.data, validate_data=validate.output.data)
        pipeline.add_component(regression, data=data)
        pipeline.add_component(Evaluation(name="evaluation_0", eval_type="binary"),
                               data=Data(data=[regression.output.data]))
        pipeline.compile()
        pipeline.fit()
        self.between(pipelines.metric(pipeline, "auc", "validate"), 0.9, 1.0)
        summary = pipeline.get_component("hetero_lr_0").get_summary()
        self.assertGreaterEqual(summary["best_iteration"], 0)
        self.assertIsInstance(summary["validation_metrics"]["validate"]["auc"], list)
        self.assertLess(len(pipelines.losses(pipeline)), 20)

    def test_cross_validation(self):
        folds = {"n_splits": 3, "shuffle": False, "random_seed": 103, "need_cv": True}
        pipeline = pipelines.training(evaluated=False, cv_param=folds)
        pipeline.fit()
        job = pipeline.get_train_job_id()
        series = pipeline._job_invoker.get_metric(job, "hetero_lr_0", "guest", pipelines.GUEST)
        for fold in range(3):
            self.assertTrue(any(name.endswith(f".{fold}") for name in series["validate"]), list(series["validate"]))
        self.assertEqual(pipeline.get_component("hetero_lr_0").get_model_param(), {})

    def test_warm_start(self):
        pipeline = pipelines.empty()
        intersection = pipelines.prepared(pipeline)
        first = pipelines.learner(max_iter=2, optimizer="sgd")
        second = pipelines.learner(1, max_iter=5, optimizer="sgd")
        data = Data(train_data=intersection.output.data)
        pipeline.add_component(first, data=data)
        pipeline.add_component(second, data=data, model=Model(first.output.model))
        pipeline.add_component(Evaluation(name="evaluation_0", eval_type="binary"),
                               data=Data(data=[first.output.data, second.output.data]))
        pipeline.compile()
        pipeline.fit()
        # The same as five epochs in one go.
        self.assertAlmostEqual(pipelines.metric(pipeline, "auc", component="hetero_lr_1"), 0.987554, 6)
        self.assertEqual([point[0] for point in pipelines.losses(pipeline, "hetero_lr_1")], [2, 3, 4])
        self.assertGreater(pipelines.metric(pipeline, "auc", component="hetero_lr_0"), 0.9)

    def test_several_hosts(self):
        hosts = [10000, 10001]
        pipeline = pipelines.training(host=hosts, early_stop="weight_diff", optimizer="nesterov_momentum_sgd")
        pipeline.fit()
        conf = pipeline.get_train_conf()["component_parameters"]["role"]["host"]
        self.assertEqual(sorted(conf), ["0|1"])
        self.between(pipelines.metric(pipeline, "auc"), 0.95, 1.0)
        rows = desk.good(desk.sdk.job.query(job_id=pipeline.get_train_job_id()))
        self.assertEqual(sorted(int(row["f_party_id"]) for row in rows if row["f_role"] == "host"), hosts)

    def test_parameters_of_all_hosts_and_of_the_job(self):
        pipeline = pipelines.empty([10000, 10001])
        source = pipelines.reader(host=[10000, 10001])
        transform = DataTransform(name="data_transform_0", output_format="dense")
        transform.get_party_instance(role="guest", party_id=pipelines.GUEST).component_param(with_label=True)
        # Without a party: emitted under the index "all".
        transform.get_party_instance(role="host").component_param(with_label=False)
        pipeline.add_component(source)
        pipeline.add_component(transform, data=Data(data=source.output.data))
        intersection = Intersection(name="intersection_0")
        pipeline.add_component(intersection, data=Data(data=transform.output.data))
        pipeline.compile()
        pipeline.fit()
        self.assertIn("all", pipeline.get_train_conf()["component_parameters"]["role"]["host"])
        self.assertEqual(len(pipeline.get_component("intersection_0").get_output_data()), 569)
        self.assertEqual(pipeline.get_component("intersection_0").get_summary()["intersect_num"], 569)

    def test_predict_within_the_training(self):
        pipeline = pipelines.empty()
        intersection = pipelines.prepared(pipeline)
        first = pipelines.learner(max_iter=5)
        second = HeteroLR(name="hetero_lr_1")
        pipeline.add_component(first, data=Data(train_data=intersection.output.data))
        pipeline.add_component(second, data=Data(test_data=intersection.output.data), model=Model(first.output.model))
        pipeline.add_component(Evaluation(name="evaluation_0", eval_type="binary"), data=Data(data=second.output.data))
        pipeline.compile()
        pipeline.fit()
        auc = pipelines.metric(pipeline, "auc", "predict", "hetero_lr_1")
        self.assertAlmostEqual(auc, pipelines.AUC_OF_FIVE, 6)


class Classes(unittest.TestCase):
    """Three classes, learned one against the rest."""

    def test_one_against_the_rest(self):
        desk.upload_example()
        three_classes()
        pipeline = pipelines.training(eval_type="multi", max_iter=5, optimizer="sgd")
        pipeline.fit()
        self.assertGreater(pipelines.metric(pipeline, "accuracy"), 0.7)
        param = pipeline.get_component("hetero_lr_0").get_model_param()
        self.assertTrue(param["needOneVsRest"])
        self.assertEqual(len(param["oneVsRestResult"]["completedModels"]), 3)
        frame = pipeline.get_component("hetero_lr_0").get_output_data()
        self.assertEqual(sorted(frame["predict_detail"][0]), ["0", "1", "2"])


if __name__ == "__main__":
    unittest.main()
