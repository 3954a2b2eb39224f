"""The groups job, task, component, tracking and queue of the command line, run one by one as their users do."""

import os
import unittest

import desk
from desk import AT_GUEST, UNKNOWN, done, flow, only_file, read, refused, wait, write

DATA_LIST = ["reader_0", "data_transform_0", "intersection_0", "hetero_lr_0", "evaluation_0"]
SUBMITTED = """board_url code dsl_path job_id logs_directory message model_info pipeline_dsl_path
    runtime_conf_on_party_path runtime_conf_path train_runtime_conf_path"""


def at(job, component, party=AT_GUEST):
    """Options that name a component of a job at a party."""
    return ("-j", job) + party + ("-cpn", component)


def submit(dsl, conf):
    """Submits a job from two files; its id."""
    answer = done("job submit", "-c", write("conf.json", conf), "-d", write("dsl.json", dsl))
    return answer["jobId"]


class Jobs(unittest.TestCase):
    """One training job, looked at by every command."""

    @classmethod
    def setUpClass(cls):
        desk.upload_example()
        conf = write("conf.json", desk.train_conf())
        answer = done("job submit", "-c", conf, "-d", desk.example("job_dsl.json"))
        cls.job, cls.taken = answer["jobId"], answer["data"]
        wait(cls.job)

    def test_submit(self):
        desk.same_keys(self.taken, SUBMITTED)
        self.assertEqual((self.taken["job_id"], self.taken["code"]), (self.job, 0))
        self.assertEqual(self.taken["model_info"], {"model_id": desk.MODEL, "model_version": self.job})
        dsl = desk.train_dsl()
        dsl["components"]["hetero_lr_0"]["module"] = "NoSuchModule"
        answer = flow("job submit", "-c", "conf.json", "-d", write("bad.json", dsl))
        desk.refusal(answer, 103, ("hetero_lr_0", "NoSuchModule"))
        self.assertTrue(answer["jobId"].isdigit() and "data" not in answer, answer)
        refused("job submit", "-c", "conf.json", code=103)

    def test_query_and_list(self):
        rows = done("job query", "-j", self.job)["data"]
        parties = [("arbiter", "10000"), ("guest", "9999"), ("host", "10000")]
        self.assertEqual(sorted((row["f_role"], row["f_party_id"]) for row in rows), parties)
        for row in rows:
            self.assertNotIn("f_dsl", row)
            self.assertEqual((row["f_status"], row["f_progress"], row["f_job_id"]), ("success", 100, self.job))
        self.assertEqual(len(done("job query", "-j", self.job, *AT_GUEST, "-s", "success")["data"]), 1)
        self.assertEqual(done("job query", "-j", self.job, *AT_GUEST, "-s", "running")["data"], [])
        self.assertEqual(done("job query", "-j", UNKNOWN)["data"], [])
        page = done("job list", "-l", 2)["data"]
        self.assertEqual(len(page["jobs"]), 2)
        self.assertGreaterEqual(page["count"], 5)
        row = next(row for row in done("job list")["data"]["jobs"] if row["job_id"] == self.job)
        self.assertIsInstance(row["party_id"], int)

    def test_tasks(self):
        rows = done("task query", "-j", self.job)["data"]
        self.assertEqual(len(rows), 12)
        one = done("task query", *at(self.job, "hetero_lr_0"), "-s", "success")["data"]
        self.assertEqual([(row["f_component_name"], row["f_status"]) for row in one], [("hetero_lr_0", "success")])
        refused("task query", "-j", self.job, "-s", "running", code=101)
        refused("task query", "-j", UNKNOWN, code=101)
        page = done("task list", "-l", 3)["data"]
        self.assertEqual(len(page["tasks"]), 3)
        self.assertGreaterEqual(page["count"], 14)

    def test_config(self):
        answer = done("job config", "-j", self.job, *AT_GUEST, "-o", "config")
        self.assertEqual(answer["data"]["model_info"]["model_version"], self.job)
        folder = os.path.join("config", f"job_{self.job}_config")
        self.assertEqual(os.path.abspath(folder), answer["directory"])
        found = {name: read(os.path.join(folder, f"{name}.json")) for name in ("dsl", "runtime_conf", "model_info")}
        self.assertEqual(found["dsl"], desk.train_dsl())
        self.assertEqual(found["runtime_conf"]["component_parameters"]["common"]["hetero_lr_0"]["max_iter"], 3)
        self.assertEqual(read(os.path.join(folder, "train_runtime_conf.json")), {})
        refused("job config", "-j", UNKNOWN, *AT_GUEST, "-o", "config", code=101)

    def test_log(self):
        folder = done("job log", "-j", self.job, "-o", "logs")["directory"]
        for name in ("fate_flow_schedule.log", "guest/9999/INFO.log", "guest/9999/hetero_lr_0/INFO.log"):
            self.assertTrue(os.path.getsize(os.path.join(folder, name)) > 0, name)
        refused("job log", "-j", UNKNOWN, "-o", "logs", code=404)

    def test_view(self):
        rows = done("job view", "-j", self.job, *AT_GUEST)["data"]
        found = {row["f_component_name"]: row for row in rows}
        self.assertEqual(sorted(found), sorted(DATA_LIST[:-1]))
        table = found["reader_0"]["f_table_namespace"]
        self.assertEqual(table, f"output_data_{self.job}_reader_0_0")
        refused("job view", "-j", UNKNOWN, *AT_GUEST, code=101)

    def test_dsl(self):
        train = ("--train-dsl-path", desk.example("job_dsl.json"))
        listed = "data_transform_0, intersection_0,hetero_lr_0"
        dsl = done("job dsl", "--cpn-list", listed, *train)["data"]
        found = dsl["components"]
        self.assertEqual(sorted(found), ["data_transform_0", "hetero_lr_0", "intersection_0"])
        self.assertEqual(found["data_transform_0"]["input"], {"model": ["pipeline.data_transform_0.model"]})
        wanted = {"data": {"test_data": ["intersection_0.data"]}, "model": ["pipeline.hetero_lr_0.model"]}
        self.assertEqual(found["hetero_lr_0"]["input"], wanted)
        done("job dsl", "--cpn-path", write("list.txt", f"[{listed}]\n"), *train, "-o", "dsl")
        self.assertEqual(read(only_file("dsl")), dsl)
        refused("job dsl", "--cpn-list", "nosuch_0", *train, code=210, words="nosuch_0")
        refused("job dsl", "--cpn-list", "nosuch_0", *train, "-o", "dsl", code=210, words="nosuch_0")

    def test_component_list(self):
        self.assertEqual(done("component list", "-j", self.job)["data"], {"components": DATA_LIST})
        refused("component list", "-j", UNKNOWN, code=100)

    def test_component_metrics(self):
        names = done("component metrics", *at(self.job, "evaluation_0"))["data"]
        self.assertEqual(done("tracking metrics", *at(self.job, "evaluation_0"))["data"], names)
        self.assertIn("hetero_lr_0", names["train"])
        self.assertEqual(done("component metrics", *at(self.job, "data_transform_0"))["data"], {})
        series = done("component metric-all", *at(self.job, "evaluation_0"))["data"]
        self.assertEqual(done("tracking metric-all", *at(self.job, "evaluation_0"))["data"], series)
        single = series["train"]["hetero_lr_0"]
        self.assertEqual(single["meta"], {"metric_type": "EVALUATION_SUMMARY", "name": "hetero_lr_0"})
        self.assertGreater(dict(single["data"])["auc"], 0.9)

    def test_component_parameters(self):
        for command in ("component parameters", "tracking parameters"):
            found = flow(command, *at(self.job, "hetero_lr_0"))["data"]
            self.assertEqual((found["module"], found["ComponentParam"]["max_iter"]), ("HeteroLR", 3))
        done("component parameters", *at(self.job, "reader_0", ("-r", "host", "-p", "10000")))
        done("tracking parameters", *at(self.job, "hetero_lr_0", ("-r", "arbiter", "-p", "10000")))
        refused("component parameters", *at(self.job, "nosuch_0"), code=101)

    def test_output_data(self):
        folder = done("component output-data", *at(self.job, "hetero_lr_0"), "-o", "out")["directory"]
        header = ["id", "label", "predict_result", "predict_score", "predict_detail", "type"]
        self.assertEqual(read(os.path.join(folder, "data.meta")), {"header": header})
        with open(os.path.join(folder, "data.csv")) as file:
            lines = file.read().splitlines()
        self.assertEqual((lines[0], len(lines)), (",".join(header), 570))
        few = done("tracking output-data", *at(self.job, "hetero_lr_0"), "-o", "few", "-l", 5)["directory"]
        with open(os.path.join(few, "data.csv")) as file:
            self.assertEqual(file.read().splitlines(), lines[:6])
        refused("component output-data", *at(self.job, "evaluation_0"), "-o", "out", code=210)
        refused("component output-data", *at(self.job, "nosuch_0"), "-o", "out", code=100)

    def test_output_data_table(self):
        rows = done("component output-data-table", *at(self.job, "intersection_0"))["data"]
        self.assertEqual(done("tracking output-data-table", *at(self.job, "intersection_0"))["data"], rows)
        desk.same_keys(rows[0], "data_name table_name table_namespace")
        info = done("table info", "-n", rows[0]["table_namespace"], "-t", rows[0]["table_name"])["data"]
        self.assertEqual((info["exist"], info["count"]), (1, 569))
        refused("component output-data-table", *at(self.job, "evaluation_0"), code=100)

    def test_output_model_and_summary(self):
        answer = done("component output-model", *at(self.job, "hetero_lr_0"))
        self.assertEqual(flow("tracking output-model", *at(self.job, "hetero_lr_0"))["data"], answer["data"])
        self.assertEqual((len(answer["data"]["weight"]), answer["meta"]["module_name"]), (10, "HeteroLR"))
        self.assertEqual(done("component output-model", *at(self.job, "reader_0"))["data"], {})
        refused("component output-model", *at(UNKNOWN, "reader_0"), code=100)
        summary = done("component get-summary", *at(self.job, "hetero_lr_0"))["data"]
        self.assertEqual(done("tracking get-summary", *at(self.job, "hetero_lr_0"))["data"], summary)
        self.assertEqual(summary["coef"], answer["data"]["weight"])
        os.makedirs("summary")
        done("component get-summary", *at(self.job, "hetero_lr_0"), "-o", "summary")
        self.assertEqual(read(only_file("summary", ".json")), summary)
        refused("component get-summary", *at(self.job, "reader_0"), code=210)
        refused("component get-summary", *at(self.job, "reader_0"), "-o", "summary", code=210)

    def test_models_of_other_algorithms(self):
        model = ("--model-id", desk.MODEL, "--model-version", self.job)
        merge = ("--guest-party-id", 9999, "--host-party-ids", 10000, "-cpn", "hetero_lr_0", "-o", "merged")
        merge += ("--model-type", "secureboost", "--output-format", "pmml")
        refused("component hetero-model-merge", *model, *merge)
        woe = model + AT_GUEST + ("-cpn", "hetero_lr_0")
        refused("component woe-array-extract", *woe, "-o", "woe.json")
        refused("component woe-array-merge", *woe, "-i", write("woe.json", {}))


class Changes(unittest.TestCase):
    """Commands that change a job."""

    @classmethod
    def setUpClass(cls):
        desk.upload_example()

    def test_rerun_with_other_parameters(self):
        job = submit(desk.train_dsl(), desk.train_conf(max_iter=1))
        wait(job)
        change = {"component_parameters": {"common": {"hetero_lr_0": {"max_iter": 2}}}}
        data = done("job parameter-update", "-j", job, "-c", write("change.json", change))["data"]
        desk.same_keys(data, "component_parameters components job_parameters")
        self.assertEqual(data["component_parameters"]["common"]["hetero_lr_0"]["max_iter"], 2)
        done("job rerun", "-j", job, "-cpn", "hetero_lr_0")
        wait(job)
        again = {"reader_0": 0, "data_transform_0": 0, "intersection_0": 0, "hetero_lr_0": 1, "evaluation_0": 1}
        self.assertEqual(desk.versions(job), again)
        found = done("component parameters", *at(job, "hetero_lr_0"))["data"]
        self.assertEqual(found["ComponentParam"]["max_iter"], 2)
        series = done("component metric-all", *at(job, "hetero_lr_0", ("-r", "arbiter", "-p", "10000")))["data"]
        self.assertEqual(len(series["train"]["loss"]["data"]), 2)
        done("job rerun", "-j", job, "--force")
        wait(job)
        self.assertEqual(desk.versions(job), {name: version + 1 for name, version in again.items()})
        wrong = {"component_parameters": {"common": {"hetero_lr_0": {"max_itre": 2}}}}
        refused("job parameter-update", "-j", job, "-c", write("wrong.json", wrong), words=("hetero_lr_0", "max_itre"))
        refused("job parameter-update", "-j", UNKNOWN, "-c", "change.json", code=102)
        refused("job rerun", "-j", UNKNOWN, code=102)
        refused("job rerun", "-j", job, "-cpn", "nosuch_0", code=103, words="nosuch_0")

    def test_metrics_are_deleted(self):
        job = submit(desk.train_dsl(), desk.train_conf(max_iter=1))
        wait(job)
        self.assertIn("train", done("component metrics", *at(job, "evaluation_0"))["data"])
        self.assertIsInstance(done("component metric-delete", "-j", job)["data"], str)
        self.assertEqual(done("component metrics", *at(job, "evaluation_0"))["data"], {})
        # The real server cannot do that, either.
        refused("component metric-delete", "-d", "20200101", code=100)

    def test_stop_and_clean(self):
        dsl, conf = desk.endless()
        running = submit(dsl, conf)
        self.addCleanup(desk.sdk.job.stop, running)
        desk.until(running, lambda row: row["f_status"] == "running")
        refused("job rerun", "-j", running, code=103)
        waiting = [submit(dsl, conf) for _ in range(2)]
        for job in waiting:
            self.assertEqual(done("job query", "-j", job, *AT_GUEST)["data"][0]["f_status"], "waiting")
        self.assertEqual(done("queue clean")["data"], {job: 0 for job in waiting})
        for job in waiting:
            wait(job, status="canceled")
        self.assertEqual(done("job query", "-j", running, *AT_GUEST)["data"][0]["f_status"], "running")
        done("job stop", "-j", running)
        self.assertTrue(wait(running, status="canceled")["f_cancel_signal"])
        done("job stop", "-j", running)
        self.assertEqual(done("queue clean")["data"], {})
        refused("job stop", "-j", UNKNOWN, code=102)
        # A job that was stopped can be run again.
        done("job rerun", "-j", running)
        desk.until(running, lambda row: row["f_status"] == "running")
        self.assertEqual(desk.versions(running), {"probe_0": 1})
        done("job stop", "-j", running)
        wait(running, status="canceled")


if __name__ == "__main__":
    unittest.main()
