"""A model as it was after some epoch: kept by ModelCheckpoint, listed, and used to predict."""

import unittest

import desk
import pipelines
from pipeline.runtime.entity import JobParameters


class Checkpoints(unittest.TestCase):
    """Five epochs, each of them kept."""

    def test_predict_from_a_checkpoint(self):
        desk.upload_example()
        keep = {"callbacks": ["ModelCheckpoint"], "save_freq": 1}
        trained = pipelines.training(max_iter=5, callback_param=keep)
        trained.fit()
        info = trained.get_model_info()
        key = {"model_id": info.model_id, "model_version": info.model_version, "component_name": "hetero_lr_0"}
        for role, party in (("guest", 9999), ("host", 10000), ("arbiter", 10000)):
            rows = desk.good(desk.sdk.checkpoint.list_checkpoints(role=role, party_id=party, **key))
            self.assertEqual(len(rows), 5, (role, rows))
        steps = [row["step_index"] for row in rows]
        short = pipelines.training(max_iter=2)
        short.fit()
        wanted = self.scores(short)
        last = pipelines.predicting(trained, components_checkpoint={"hetero_lr_0": {"step_index": steps[4]}})
        self.same(self.scores(last), self.scores(trained))
        # The second checkpoint is the model of two epochs.
        second = {"hetero_lr_0": {"step_name": rows[1]["step_name"]}}
        early = pipelines.predicting(trained, components_checkpoint=second, job_parameters=JobParameters(task_cores=1))
        self.same(self.scores(early), wanted)
        self.assertNotEqual(self.scores(early)[0], self.scores(trained)[0])
        # The client cannot cope with a refusal that has no data, so it has some.
        with self.assertRaisesRegex(ValueError, "Cannot deploy components"):
            pipelines.predicting(trained, components_checkpoint={"hetero_lr_0": {"step_index": 77}})

    def scores(self, pipeline):
        """Scores of all rows."""
        frame = pipeline.get_component("hetero_lr_0").get_output_data()
        return [float(score) for score in frame["predict_score"]]

    def same(self, got, wanted):
        """Checks that scores are the same, but for the last digits."""
        self.assertEqual(len(got), len(wanted))
        for one, other in zip(got, wanted):
            self.assertAlmostEqual(one, other, 6)


if __name__ == "__main__":
    unittest.main()
