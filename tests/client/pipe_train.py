"""The way of a user of `pipeline`: upload, fit, look at everything, deploy, predict; in one process and in the next."""

import io
import os
import subprocess
import sys
import unittest

import desk
import pipelines
from pipeline.backend.pipeline import PipeLine
from pipeline.runtime.entity import JobParameters
from pipeline.utils.logger import LOGGER

SAVED = "trained.pkl"


class Training(unittest.TestCase):
    """One training, and what comes of it."""

    @classmethod
    def setUpClass(cls):
        uploads = PipeLine().set_initiator(role="guest", party_id=pipelines.GUEST).set_roles(guest=pipelines.GUEST)
        for role in ("guest", "host"):
            uploads.add_upload_data(file=desk.example(f"breast_hetero_{role}.csv"), head=1, partition=4,
                                    table_name=f"breast_hetero_{role}", namespace=desk.NAMESPACE)
        uploads.upload(drop=1)
        cls.printed = io.StringIO()
        sink = LOGGER.add(cls.printed, level="INFO", format="{message}")
        cls.pipeline = pipelines.training(max_iter=5, encrypt_param={"key_length": 2048})
        cls.answers = []
        cls.pipeline.fit(JobParameters(task_cores=2), callback_func=cls.answers.append)
        LOGGER.remove(sink)
        cls.pipeline.dump(SAVED)

    def test_upload(self):
        for role, columns in (("guest", 11), ("host", 20)):
            info = desk.good(desk.sdk.table.info(desk.NAMESPACE, f"breast_hetero_{role}"))
            self.assertEqual((info["exist"], info["count"]), (1, 569))
            self.assertEqual(len(info["schema"]["header"].split(",")), columns)

    def test_what_is_printed(self):
        job, printed = self.pipeline.get_train_job_id(), self.printed.getvalue()
        for line in (f"Job id is {job}", f"Job is success!!! Job id is {job}", "Total time:"):
            self.assertIn(line, printed)
        # Which components are seen while they run depends on how fast they are.
        self.assertRegex(printed, r"Running component |Job is still waiting")
        self.assertEqual((self.answers[0]["jobId"], self.answers[0]["retcode"]), (job, 0))

    def test_model_info_and_metrics(self):
        info = self.pipeline.get_model_info()
        self.assertEqual((info.model_id, info.model_version), (desk.MODEL, self.pipeline.get_train_job_id()))
        self.assertAlmostEqual(pipelines.metric(self.pipeline, "auc"), pipelines.AUC_OF_FIVE, 6)
        losses = pipelines.losses(self.pipeline)
        self.assertEqual([point[0] for point in losses], [0, 1, 2, 3, 4])
        for (_, loss), wanted in zip(losses, (0.693147, 78.875554, 5.695061, 1.478556, 0.733014)):
            self.assertAlmostEqual(loss, wanted, 5)

    def test_output_data(self):
        frame = self.pipeline.get_component("hetero_lr_0").get_output_data()
        self.assertEqual((list(frame.columns), len(frame)), (pipelines.PREDICTION, 569))
        self.assertEqual(set(frame["type"]), {"train"})
        for score, detail in zip(frame["predict_score"], frame["predict_detail"]):
            self.assertEqual(sorted(detail), ["0", "1"])
            self.assertAlmostEqual(detail["1"], float(score), 12)
        frame = self.pipeline.get_component("reader_0").get_output_data()
        self.assertEqual((list(frame.columns)[:3], len(frame)), (["id", "y", "x0"], 569))
        few = self.pipeline.get_component("intersection_0").get_output_data(limits=3)
        self.assertEqual(len(few), 2)
        raw = self.pipeline.get_component("reader_0").get_output_data(limits=3, to_pandas=False)
        self.assertEqual((len(raw["data"]), raw["meta"][0]), (3, "id"))

    def test_the_other_getters(self):
        regression = self.pipeline.get_component("hetero_lr_0")
        table = regression.get_output_data_table()
        desk.same_keys(table, "table_name table_namespace")
        param, summary = regression.get_model_param(), regression.get_summary()
        self.assertEqual((len(param["weight"]), param["weight"]), (10, summary["coef"]))
        self.assertEqual(self.pipeline.get_component("reader_0").get_summary(), {})
        self.assertEqual(sorted(self.pipeline.get_component()), sorted(self.pipeline.get_component_list()))
        self.assertEqual(len(self.pipeline.get_component(["reader_0", "hetero_lr_0"])), 2)
        with self.assertRaises(SystemExit):
            self.pipeline.get_component("evaluation_0").get_output_data()

    def test_a_second_fit_after_success_is_refused_by_the_client(self):
        with self.assertRaises(ValueError):
            self.pipeline.continuously_fit()

    def test_predict(self):
        trained = PipeLine.load_model_from_file(SAVED)
        self.predicts(trained)
        self.assertNotEqual(trained.get_predict_model_info().model_version, trained.get_model_info().model_version)
        found = trained.get_predict_dsl()["components"]
        self.assertEqual(sorted(found), ["data_transform_0", "hetero_lr_0", "intersection_0"])
        again = PipeLine.load(trained.dump())
        self.assertTrue(again.is_deploy())

    def test_predict_in_another_process(self):
        subprocess.check_call([sys.executable, os.path.abspath(__file__), "later"])

    def test_serving_is_refused_with_a_reason(self):
        trained = PipeLine.load_model_from_file(SAVED)
        trained.deploy_component([trained.data_transform_0, trained.intersection_0, trained.hetero_lr_0])
        with self.assertRaisesRegex(ValueError, "Cannot load model, error msg is .*export"):
            trained.online.load()
        with self.assertRaisesRegex(ValueError, "Cannot convert homo model, error msg is "):
            trained.model_convert.convert()

    def test_what_cannot_be_fitted_says_why(self):
        pipeline = pipelines.training(max_iter=-7)
        with self.assertRaisesRegex(ValueError, "hetero_lr_0.*max_iter"):
            pipeline.fit()

    def test_bind_table(self):
        os.makedirs(os.path.join(desk.DATA, "local"), exist_ok=True)
        path = os.path.join(desk.DATA, "local", "bound.csv")
        with open(path, "w") as file:
            file.write("id,x0\n1,0.5\n2,0.75\n")
        info = PipeLine().bind_table(name="bound", namespace=desk.NAMESPACE, path=path, head=1)
        self.assertEqual(info, {"table_name": "bound", "namespace": desk.NAMESPACE})
        self.assertEqual(desk.good(desk.sdk.table.info(desk.NAMESPACE, "bound"))["count"], 2)

    def predicts(self, trained):
        """Predicts for the rows of the training: the scores are the same."""
        done = pipelines.predicting(trained)
        # A component of the deployed pipeline, of the prediction's job.
        frame = done.get_component("hetero_lr_0").get_output_data()
        self.assertEqual((list(frame.columns), len(frame)), (pipelines.PREDICTION, 569))
        self.assertEqual(set(frame["type"]), {"predict"})
        before = trained.get_component("hetero_lr_0").get_output_data()
        for column in ("id", "label", "predict_result"):
            self.assertEqual(list(frame[column]), list(before[column]))
        for new, old in zip(frame["predict_score"], before["predict_score"]):
            self.assertAlmostEqual(float(new), float(old), 9)
        self.assertEqual(len(done.get_component("reader_9").get_output_data()), 569)
        self.assertEqual(len(done.get_component("hetero_lr_0").get_model_param()["weight"]), 10)
        done.get_component("hetero_lr_0").get_summary()


if __name__ == "__main__":
    if sys.argv[1:] == ["later"]:
        # Another process, which has nothing but the file that the first one has left.
        pipelines.predicting(PipeLine.load_model_from_file(SAVED))
    else:
        unittest.main()
