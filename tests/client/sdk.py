"""Every method of every member of flow_sdk's FlowClient, used at least once."""

import inspect
import os
import unittest

import desk
from desk import MODEL, NAMESPACE, UNKNOWN, good, refusal, wait

GUEST = {"role": "guest", "party_id": 9999}
MEMBERS = ("checkpoint component data job model privilege queue remote_version table tag task test").split()
CALLED = set()


class Noted:
    """A member of the client that notes which of its methods were called."""

    def __init__(self, name):
        self.name, self.member = name, getattr(desk.sdk, name)

    def __getattr__(self, method):
        CALLED.add(f"{self.name}.{method}")
        return getattr(self.member, method)


checkpoint, component, data, job, model, privilege, queue, version, table, tag, task, test = map(Noted, MEMBERS)


def of_model(number):
    """Names a model version, and the guest."""
    return dict(GUEST, model_id=MODEL, model_version=number)


class Sdk(unittest.TestCase):
    """One trained model, and every method."""

    @classmethod
    def setUpClass(cls):
        for name in ("breast_hetero_guest", "breast_hetero_host"):
            conf = desk.upload_conf(name)
            answer = data.upload(conf, verbose=0, drop=1)
            assert good(answer)["table_name"] == name, answer
            wait(answer["jobId"], desk.LOCAL)
        callbacks = {"callbacks": ["ModelCheckpoint"], "save_freq": 1}
        conf = desk.train_conf(max_iter=2, callback_param=callbacks)
        answer = job.submit(config_data=conf, dsl_data=desk.train_dsl())
        cls.job = answer["jobId"]
        cls.at = dict(GUEST, job_id=cls.job, component_name="hetero_lr_0")
        wait(cls.job)

    @classmethod
    def tearDownClass(cls):
        methods = set()
        for name in MEMBERS:
            found = inspect.getmembers(type(getattr(desk.sdk, name)), inspect.isroutine)
            methods |= {f"{name}.{method}" for method, _ in found if not method.startswith("_")}
        assert methods == CALLED, f"not called: {sorted(methods - CALLED)}"
        assert len(methods) > 60, len(methods)

    def test_job(self):
        self.assertEqual(good(job.query(job_id=self.job, **GUEST))[0]["f_status"], "success")
        self.assertEqual(len(good(job.list(limit=2))["jobs"]), 2)
        self.assertTrue(good(job.view(job_id=self.job, **GUEST)))
        answer = job.config(job_id=self.job, output_path="config", **GUEST)
        self.assertEqual(len(os.listdir(answer["directory"])), 4, answer)
        answer = job.log(job_id=self.job, output_path="logs")
        self.assertTrue(os.path.exists(os.path.join(answer["directory"], "guest", "9999", "INFO.log")))
        refusal(job.log(job_id=UNKNOWN, output_path="logs"), 404)
        answer = job.generate_dsl(train_dsl=desk.train_dsl(), cpn=["data_transform_0", "hetero_lr_0"])
        self.assertEqual(sorted(good(answer)["components"]), ["data_transform_0", "hetero_lr_0"])
        self.assertEqual(job.generate_dsl(train_dsl={}, cpn=["nosuch_0"])["data"], {})
        good(job.stop(self.job))
        refusal(job.stop(UNKNOWN), 102)

    def test_task_and_queue(self):
        self.assertEqual(len(good(task.query(job_id=self.job))), 12)
        refusal(task.query(job_id=self.job, status="running"), 101)
        self.assertEqual(len(good(task.list(limit=3))["tasks"]), 3)
        self.assertEqual(good(queue.clean()), {})

    def test_component(self):
        self.assertIn("hetero_lr_0", good(component.list(self.job))["components"])
        self.assertIn("train", good(component.metrics(**dict(self.at, component_name="evaluation_0"))))
        self.assertIn("train", good(component.metric_all(**dict(self.at, component_name="evaluation_0"))))
        self.assertEqual(good(component.parameters(**self.at))["module"], "HeteroLR")
        answer = component.output_data(output_path="out", limit=4, **self.at)
        with open(os.path.join(answer["directory"], "data.csv")) as file:
            self.assertEqual(len(file.readlines()), 5)
        refusal(component.output_data(output_path="out", **dict(self.at, component_name="evaluation_0")), 210)
        self.assertEqual(len(good(component.output_model(**self.at))["weight"]), 10)
        self.assertEqual(good(component.output_data_table(**self.at))[0]["data_name"], "data")
        self.assertIn("coef", good(component.get_summary(**self.at)))
        self.assertEqual(component.get_summary(**dict(self.at, component_name="reader_0"))["data"], {})
        refusal(component.metric_delete(date="20200101"), 100)
        good(component.metric_delete(job_id=self.job))

    def test_component_models(self):
        at = dict(of_model(self.job), component_name="hetero_lr_0")
        refusal(component.woe_array_extract(**at))
        refusal(component.woe_array_merge(woe_array={"a": 1}, **at))
        merge = ("9999", ["10000"], "hetero_lr_0", "secureboost", "pmml")
        refusal(component.hetero_model_merge(MODEL, self.job, *merge))

    def test_data(self):
        conf = desk.upload_conf("breast_hetero_guest")
        refusal(data.upload(conf), 100, "drop")
        self.assertTrue(good(data.upload_history(limit=1)))
        path = os.path.join(desk.DATA, "local", "sdk.csv")
        answer = data.download({"namespace": NAMESPACE, "table_name": "breast_hetero_host", "output_path": path})
        good(answer)
        wait(answer["jobId"], desk.LOCAL)
        with open(path) as file:
            self.assertEqual(len(file.readlines()), 570)
        self.assertIsNone(data.download_history())

    def test_table(self):
        self.assertEqual(good(table.info(NAMESPACE, "breast_hetero_guest"))["count"], 569)
        address = {"name": "breast_hetero_guest", "namespace": NAMESPACE}
        bound = good(table.bind("STANDALONE", "bound", NAMESPACE, address, drop=True))
        self.assertEqual(bound, {"table_name": "bound", "namespace": NAMESPACE})
        self.assertEqual(good(table.delete(namespace=NAMESPACE, table_name="bound")), bound)
        refusal(table.delete(namespace=NAMESPACE, table_name="bound"), 101)

    def test_model(self):
        self.assertEqual(len(good(model.get_model_info(model_version=self.job))), 3)
        row = good(model.get_model_info(query_filters=["parent"], **of_model(self.job)))[0]
        self.assertEqual(row, {"f_parent": True})
        deployed = good(model.deploy(MODEL, self.job, cpn_list=["data_transform_0", "hetero_lr_0"]))
        number = deployed["model_version"]
        self.assertEqual(deployed["guest"], {"9999": 0})
        self.assertEqual(len(good(model.get_predict_dsl(MODEL, number))["components"]), 2)
        conf = good(model.get_predict_conf(MODEL, number))
        self.assertEqual(conf["job_parameters"]["common"]["model_version"], number)
        refusal(model.get_predict_dsl(MODEL, UNKNOWN), 210)
        path = model.export_model(dict(of_model(number), output_path="models"))["file"]
        stored = dict(of_model(number + "1"), file=os.path.abspath(path))
        self.assertEqual(good(model.import_model(stored))["model_version"], number + "1")
        for way in (model.export_model(of_model(number), to_database=True),
                    model.import_model(of_model(number), from_database=True)):
            refusal(way)

    def test_model_of_other_systems(self):
        refusal(model.load(), 100)
        parts = {"initiator": GUEST, "role": {"guest": [9999]}}
        names = {"job_parameters": {"model_id": MODEL, "model_version": self.job}}
        refusal(model.load(dict(parts, **names)))
        refusal(model.bind(dict(parts, service_id="lr", servings=[], **names)))
        refusal(model.homo_convert(of_model(self.job)))
        refusal(model.homo_deploy(dict(of_model(self.job), service_id="lr", deployment_type="kfserving")))
        roles = {"guest": [9999], "host": [10000], "arbiter": [10000]}
        conf = {"job_parameters": {}, "migrate_initiator": GUEST, "role": roles, "migrate_role": roles,
                "execute_party": roles, "model_id": MODEL, "model_version": self.job}
        refusal(model.migrate(conf), 100)

    def test_tag(self):
        good(tag.create("first", "the first"))
        self.assertEqual(good(tag.query("first"))["tags"], [{"name": "first", "description": "the first"}])
        good(tag.update("first", new_tag_name="second", new_tag_desc="another"))
        self.assertEqual([one["name"] for one in good(tag.list())["tags"]], ["second"])
        good(model.tag_model(self.job, "second"))
        self.assertEqual(good(model.tag_list(self.job))["count"], 1)
        self.assertEqual(good(tag.query("second", with_model=True))["count"], 3)
        good(model.tag_model(self.job, "second", remove=True))
        good(tag.delete("second"))

    def test_checkpoint(self):
        at = dict(of_model(self.job), component_name="hetero_lr_0")
        rows = good(checkpoint.list_checkpoints(**at))
        self.assertEqual(len(rows), 2)
        one = good(checkpoint.get_checkpoint(step_index=rows[0]["step_index"], **at))
        self.assertEqual(one["step_name"], rows[0]["step_name"])
        refusal(checkpoint.get_checkpoint(step_name="nosuch", **at), 404)

    def test_privilege(self):
        # FATE-Flow has no such paths, either.
        for method in (privilege.query, privilege.grant, privilege.delete):
            refusal(method(src_party_id="9999", src_role="guest"), 100)

    def test_versions(self):
        self.assertEqual((version.api(), version.fate(), version.fate_flow()), ("v1", "1.11.2", "1.11.1"))
        rest = "fate_board centos ubuntu python jdk maven eggroll spark"
        self.assertTrue(all(getattr(version, name)() for name in rest.split()))

    def test_toy(self):
        self.assertEqual(test.toy_dsl()["components"]["secure_add_example_0"]["module"], "SecureAddExample")
        self.assertEqual(test.toy_conf("9999", "10000")["role"], {"guest": ["9999"], "host": ["10000"]})
        answer = test.toy("9999", "10000")
        good(answer)
        wait(answer["jobId"])
        folder = job.log(job_id=answer["jobId"], output_path="toy")["directory"]
        self.assertEqual(len(list(test.check_toy("9999", "success", folder))), 8)


if __name__ == "__main__":
    unittest.main()
