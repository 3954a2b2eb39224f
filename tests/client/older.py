"""What the older command line, `fate_flow_client.py -f FUNCTION`, sends: the same paths below /v1, by plain `requests`,
each made of the function's name as that program makes it."""

import json
import os
import tarfile
import unittest

import desk
import requests
from requests_toolbelt import MultipartEncoder, MultipartEncoderMonitor

SERVER = f"http://{desk.IP}:{desk.PORT}/v1"
GUEST = {"role": "guest", "party_id": 9999}


def post(path, body):
    """Posts JSON; the answer."""
    response = requests.post("/".join([SERVER, path]), json=body)
    assert response.status_code == 200, (path, response.status_code, response.text)
    return response.json()


def upload(function, conf):
    """-f upload: the file as a form, the conf as JSON text in place of the query string."""
    seen = []
    with open(conf["file"], "rb") as file:
        form = MultipartEncoder(fields={"file": (os.path.basename(conf["file"]), file, "application/octet-stream")})
        form = MultipartEncoderMonitor(form, lambda monitor: seen.append(monitor.bytes_read))
        response = requests.post("/".join([SERVER, "data", function]), data=form, params=json.dumps(conf),
                                 headers={"Content-Type": form.content_type})
    assert seen[-1] == form.len, "the form was not sent to its end"
    return response.json()


def download(path, body, name):
    """What the program does with an archive: it is fetched, unpacked and removed; names of the files."""
    with requests.get("/".join([SERVER, path]), json=body, stream=True) as response:
        assert response.status_code == 200, (response.status_code, response.text)
        with open(name, "wb") as file:
            for chunk in response.iter_content(1024):
                file.write(chunk)
    with tarfile.open(name, "r:gz") as archive:
        names = archive.getnames()
        archive.extractall("unpacked")
    os.remove(name)
    return names


class Older(unittest.TestCase):
    """The functions that users still have in their scripts."""

    @classmethod
    def setUpClass(cls):
        for name in ("breast_hetero_guest", "breast_hetero_host"):
            answer = upload("upload", dict(desk.upload_conf(name), drop=1, verbose=0, function="upload"))
            assert answer["retcode"] == 0 and answer["data"]["table_name"] == name, answer
            desk.wait(answer["jobId"], desk.LOCAL)
        # Its settings stand among those of the job.
        conf = dict(desk.train_conf(max_iter=1), conf_path="conf.json", dsl_path="dsl.json", function="submit_job")
        answer = post("job/submit", {"job_dsl": desk.train_dsl(), "job_runtime_conf": conf})
        cls.job = answer["jobId"]
        assert answer["retcode"] == 0, answer
        desk.wait(cls.job)

    def test_data_and_tables(self):
        again = upload("upload", dict(desk.upload_conf("breast_hetero_guest"), verbose=0))
        desk.refusal(again, 100, "drop")
        history = desk.good(post("data/upload/history", {"limit": 10, "function": "upload_history"}))
        self.assertEqual(len(history), 2)
        table = {"namespace": desk.NAMESPACE, "table_name": "breast_hetero_host"}
        self.assertEqual(desk.good(post("table/table_info", table))["count"], 569)
        self.assertEqual(desk.good(post("table/delete", table)), table)

    def test_jobs(self):
        rows = desk.good(post("job/query", {"job_id": self.job, "function": "query_job"}))
        self.assertEqual({row["f_status"] for row in rows}, {"success"})
        self.assertTrue(all(row["f_runtime_conf"] and row["f_dsl"] for row in rows))
        self.assertEqual(len(desk.good(post("job/task/query", {"job_id": self.job}))), 12)
        self.assertTrue(desk.good(post("job/data/view/query", dict(GUEST, job_id=self.job))))
        config = desk.good(post("job/config", dict(GUEST, job_id=self.job, output_path="out")))
        self.assertEqual(config["job_id"], self.job)
        desk.good(post("job/stop", {"job_id": self.job}))
        self.assertEqual(desk.good(post("job/clean/queue", {})), {})

    def test_tracking(self):
        at = dict(GUEST, job_id=self.job, component_name="hetero_lr_0", output_path="out")
        for function in ("parameters", "metrics", "metric/all", "output/model", "output/data/table"):
            self.assertIsNotNone(desk.good(post(f"tracking/component/{function}", at)), function)
        names = download("tracking/component/output/data/download", dict(at, limit=-1), "out.tar.gz")
        self.assertEqual(sorted(names), ["data.csv", "data.meta"])

    def test_models(self):
        model = {"model_id": desk.MODEL, "model_version": self.job}
        version = desk.good(post("model/deploy", dict(model, cpn_list=["hetero_lr_0"])))["model_version"]
        dsl = desk.good(post("model/get/predict/dsl", dict(model, model_version=version)))
        self.assertEqual(list(dsl["components"]), ["hetero_lr_0"])
        roles = {"initiator": GUEST, "role": {"guest": [9999]}}
        desk.refusal(post("model/load", dict(roles, job_parameters=model)))


if __name__ == "__main__":
    unittest.main()
