"""The groups model, tag and checkpoint of the command line: one trained model, and all that can be done with it."""

import base64
import hashlib
import os
import unittest
import zipfile

import desk
from desk import AT_GUEST, MODEL, NAMESPACE, UNKNOWN, done, flow, only_file, read, refused, wait, write

LISTED = "data_transform_0,intersection_0,hetero_lr_0"
PARTIES = {"guest": {"9999": 0}, "host": {"10000": 0}, "arbiter": {"10000": 0}}


def named(version, model=MODEL):
    """Options that name a model."""
    return ("--model-id", model, "--model-version", version)


def deployed(version, *options):
    """Deploys a model; the version that came of it."""
    data = done("model deploy", *named(version), *options)["data"]
    assert {role: data[role] for role in PARTIES} == PARTIES, data
    assert data["model_id"] == MODEL and data["model_version"] not in (version, None), data
    return data["model_version"]


class Models(unittest.TestCase):
    """A model with a checkpoint after each epoch."""

    @classmethod
    def setUpClass(cls):
        desk.upload_example()
        callbacks = {"callbacks": ["ModelCheckpoint"], "save_freq": 1}
        cls.version = desk.submitted(desk.train_dsl(), desk.train_conf(callback_param=callbacks))
        wait(cls.version)
        cls.at_guest = AT_GUEST + named(cls.version) + ("-cpn", "hetero_lr_0")

    def predict(self, version, folder):
        """Predicts with a model as its predict conf proposes, for the tables of the example; the job."""
        done("model get-predict-conf", *named(version), "-o", folder)
        conf = read(only_file(folder, ".json"))
        self.assertEqual(conf["job_parameters"]["common"]["job_type"], "predict")
        for role in ("guest", "host"):
            found = conf["component_parameters"]["role"][role]["0"]["reader_0"]["table"]
            self.assertTrue(found["name"].startswith("name_to_be_filled"), conf)
            found.update({"name": f"breast_hetero_{role}", "namespace": NAMESPACE})
        job = done("job submit", "-c", write("predict.json", conf))["jobId"]
        wait(job)
        return job

    def scores(self, job):
        """Lines that hetero_lr_0 of a job put out at the guest."""
        answer = done("component output-data", "-j", job, *AT_GUEST, "-cpn", "hetero_lr_0", "-o", "scores")
        with open(os.path.join(answer["directory"], "data.csv")) as file:
            return file.read().splitlines()

    def test_get_model_info(self):
        rows = done("model get-model-info", "--model-version", self.version)["data"]
        self.assertEqual(sorted(row["f_role"] for row in rows), ["arbiter", "guest", "host"])
        row = done("model get-model-info", *named(self.version), *AT_GUEST)["data"][0]
        keys = "create_date role party_id roles model_id model_version loaded_times size parent parent_info"
        desk.same_keys(row, " ".join(f"f_{key}" for key in keys.split()))
        self.assertEqual((row["f_parent"], row["f_parent_info"], row["f_party_id"]), (True, {}, "9999"))
        detail = done("model get-model-info", *named(self.version), *AT_GUEST, "--detail")["data"][0]
        self.assertEqual(detail["f_train_dsl"], desk.train_dsl())
        self.assertIn("f_inference_dsl", detail)
        unknown = flow("model get-model-info", "--model-version", UNKNOWN)
        self.assertEqual((unknown["retcode"], unknown["data"]), (100, []))

    def test_deploy_and_predict(self):
        version = deployed(self.version)
        row = done("model get-model-info", *named(version), *AT_GUEST)["data"][0]
        parent = {"parent_model_id": MODEL, "parent_model_version": self.version}
        self.assertEqual((row["f_parent"], row["f_parent_info"]), (None, parent))
        job = self.predict(version, "whole")
        trained, predicted = self.scores(self.version), self.scores(job)
        self.assertEqual((len(predicted), predicted[0]), (570, trained[0]))
        for line, other in zip(predicted[1:], trained[1:]):
            cells, others = line.split(","), other.split(",")
            self.assertEqual((cells[:3], cells[-1]), (others[:3], "predict"))
            self.assertAlmostEqual(float(cells[3]), float(others[3]), 9)
        # Only a deployed model predicts, and only a trained one is deployed.
        conf = dict(read("predict.json"))
        conf["job_parameters"]["common"]["model_version"] = self.version
        refused("job submit", "-c", write("early.json", conf), code=103, words="deploy")
        again = flow("model deploy", *named(version))
        self.assertEqual((again["retcode"], again["data"]["guest"]), (101, {"9999": 100}), again)

    def test_deploy_of_some_components(self):
        version = deployed(self.version, "--cpn-list", LISTED)
        done("model get-predict-dsl", *named(version), "-o", "some")
        dsl = read(only_file("some"))
        found = dsl["components"]
        self.assertEqual(sorted(found), sorted(LISTED.split(",")))
        self.assertEqual(found["data_transform_0"]["input"], {"model": ["pipeline.data_transform_0.model"]})
        self.assertTrue(found["hetero_lr_0"]["CodePath"].startswith("HeteroLR"), found)
        deployed(self.version, "--cpn-path", write("list.txt", LISTED.replace(",", ",\n")))
        # A reader is added by hand, and the whole is deployed.
        found["reader_0"] = {"module": "Reader", "output": {"data": ["data"]}}
        found["data_transform_0"]["input"]["data"] = {"data": ["reader_0.data"]}
        by_hand = deployed(self.version, "--dsl-path", write("by_hand.json", dsl))
        self.assertEqual(len(self.scores(self.predict(by_hand, "by_hand"))), 570)
        refused("model deploy", *named(self.version), "--cpn-list", "nosuch_0")
        refused("model deploy", *named(UNKNOWN), code=404)
        for command in ("model get-predict-dsl", "model get-predict-conf"):
            refused(command, *named(UNKNOWN), "-o", "none", code=210)

    def test_checkpoints(self):
        rows = done("checkpoint list", *self.at_guest)["data"]
        self.assertEqual(len(rows), 3)
        steps = [row["step_index"] for row in rows]
        self.assertEqual(steps, sorted(steps))
        desk.same_keys(rows[0], "create_time models step_index step_name")
        by_index = done("checkpoint get", *self.at_guest, "--step-index", steps[0])["data"]
        by_name = done("checkpoint get", *self.at_guest, "--step-name", rows[0]["step_name"])["data"]
        self.assertEqual(by_index, by_name)
        for name, about in rows[0]["models"].items():
            content = base64.b64decode(by_index["models"][name])
            self.assertEqual(hashlib.sha1(content).hexdigest(), about["sha1"])
        refused("checkpoint get", *self.at_guest, "--step-index", 77, code=404)
        self.assertIn("--step-index", desk.ran("checkpoint get", *self.at_guest, code=2))
        nothing = AT_GUEST + named(UNKNOWN) + ("-cpn", "hetero_lr_0")
        self.assertEqual(done("checkpoint list", *nothing)["data"], [])
        deployed(self.version, "--cpn-step-index", f"hetero_lr_0:{steps[0]}")
        early = deployed(self.version, "--cpn-step-name", f"hetero_lr_0:{rows[0]['step_name']}")
        scores = self.scores(self.predict(early, "early"))
        self.assertNotEqual([line.split(",")[3] for line in scores[1:]],
                            [line.split(",")[3] for line in self.scores(self.version)[1:]])
        refused("model deploy", *named(self.version), "--cpn-step-index", "hetero_lr_0:77")

    def test_export_and_import(self):
        key = {"role": "guest", "party_id": 9999, "model_id": MODEL, "model_version": self.version}
        export = write("export.json", dict(key, output_path="exported"))
        path = done("model export", "-c", export)["file"]
        self.assertEqual(os.path.basename(path), f"guest#9999#{MODEL}_{self.version}.zip")
        with zipfile.ZipFile(path) as archive:
            self.assertIsNone(archive.testzip())
            names = archive.namelist()
            proposed = desk.json.loads(archive.read("import_model.json"))
        self.assertIn("define/define_meta.yaml", names)
        self.assertIn("variables/data/pipeline/pipeline/Pipeline", names)
        self.assertTrue(any(name.startswith("variables/data/hetero_lr_0/model/") for name in names), names)
        self.assertEqual({name: proposed[name] for name in key}, key)
        conf = dict(key, file=os.path.abspath(path))
        refused("model import", "-c", write("import.json", conf), code=409)
        answer = done("model import", "-c", write("force.json", dict(conf, force_update=True)))
        self.assertEqual(answer["data"]["model_version"], self.version)
        other = dict(conf, model_version=self.version + "1")
        done("model import", "-c", write("other.json", other))
        row = done("model get-model-info", *named(other["model_version"]), *AT_GUEST, "--detail")["data"][0]
        self.assertTrue(row["f_imported"])
        refused("model import", "-c", write("stranger.json", dict(other, party_id=77)), code=400)
        cut = os.path.abspath("cut.zip")
        with open(path, "rb") as whole, open(cut, "wb") as file:
            file.write(whole.read()[:-200])
        refused("model import", "-c", write("cut.json", dict(other, file=cut, force_update=True)))
        unknown = dict(key, model_version=UNKNOWN, output_path="exported")
        refused("model export", "-c", write("unknown.json", unknown), code=404)
        refused("model export", "-c", export, "--to-database", words="export")
        refused("model import", "-c", "import.json", "--from-database", words="import")
        refused("model import", "-c", write("lacks.json", key), code=100)

    def test_migrate(self):
        roles = {"guest": [9999], "host": [10000], "arbiter": [10000]}
        conf = {"job_parameters": {"federated_mode": "SINGLE"}, "role": roles, "execute_party": roles,
                "migrate_initiator": {"role": "guest", "party_id": 77},
                "migrate_role": {"guest": [77], "host": [88], "arbiter": [88]},
                "model_id": MODEL, "model_version": self.version, "unify_model_version": self.version + "2"}
        data = done("model migrate", "-c", write("migrate.json", conf))["data"]
        self.assertEqual({role: list(data[role].values()) for role in roles}, {role: [0] for role in roles})
        moved = named(self.version + "2", "arbiter-88#guest-77#host-88#model")
        rows = done("model get-model-info", *moved)["data"]
        self.assertEqual(sorted(row["f_party_id"] for row in rows), ["77", "88", "88"])
        refused("model migrate", "-c", write("same.json", dict(conf, migrate_role=roles)), code=100)

    def test_serving_systems_are_not_offered(self):
        refused("model load", code=100)
        refused("model load", "-j", UNKNOWN)
        refused("model load", "-j", self.version, words="deploy")
        version = deployed(self.version)
        model = {"initiator": {"role": "guest", "party_id": 9999},
                 "role": {"guest": [9999], "host": [10000], "arbiter": [10000]},
                 "job_parameters": {"model_id": MODEL, "model_version": version}}
        refused("model load", "-c", write("load.json", model), words="export")
        bind = dict(model, service_id="lr", servings=["127.0.0.1:8000"])
        refused("model bind", "-c", write("bind.json", bind), words="export")
        homo = {"role": "guest", "party_id": 9999, "model_id": MODEL, "model_version": version}
        refused("model homo-convert", "-c", write("convert.json", homo))
        serving = dict(homo, service_id="lr", component_name="homo_lr_0", deployment_type="kfserving",
                       deployment_parameters={"namespace": "test"})
        refused("model homo-deploy", "-c", write("kfserving.json", serving))


class Tags(unittest.TestCase):
    """Tags and the models that have them."""

    def test_tags(self):
        done("tag create", "-t", "first", "-d", "the first tag")
        refused("tag create", "-t", "first", code=100, words="exist")
        tag = {"name": "first", "description": "the first tag"}
        self.assertEqual(done("tag query", "-t", "fir")["data"], {"tags": [tag]})
        self.assertIn(dict(tag, model_count=0), done("tag list", "-l", 5)["data"]["tags"])
        done("tag update", "-t", "first", "--new-tag-name", "second", "--new-tag-desc", "another")
        refused("tag query", "-t", "first", code=100)
        self.assertEqual(done("tag query", "-t", "second")["data"]["tags"][0]["description"], "another")
        done("tag delete", "-t", "second")
        refused("tag query", "-t", "second", code=100)
        refused("tag delete", "-t", "second")
        refused("tag update", "-t", "second", "--new-tag-name", "third")

    def test_tags_of_models(self):
        desk.upload_example()
        job = desk.submitted(desk.train_dsl(), desk.train_conf(max_iter=1))
        wait(job)
        done("model tag-model", "-j", job, "-t", "best")
        refused("model tag-model", "-j", job, "-t", "best", code=100)
        data = done("model tag-list", "-j", job)["data"]
        self.assertEqual((data["count"], [tag["name"] for tag in data["tags"]]), (1, ["best"]))
        data = done("tag query", "-t", "best", "--with-model")["data"]
        self.assertEqual(data["count"], 3)
        desk.same_keys(data["models"][0], "model_id model_size model_version party_id role")
        done("model tag-model", "-j", job, "-t", "best", "--remove")
        self.assertEqual(flow("model tag-list", "-j", job).get("data", {}).get("count", 0), 0)
        refused("model tag-model", "-j", UNKNOWN, "-t", "best", code=100)


if __name__ == "__main__":
    unittest.main()
