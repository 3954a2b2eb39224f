"""The groups data and table of the command line, run one by one as their users do."""

import os
import shutil
import unittest

import desk
from desk import AT_GUEST, DATA, LOCAL, NAMESPACE, UNKNOWN, done, flow, refused, wait, write

# The folder of the node that files are read from and written to.
SHARED = os.path.join(DATA, "local")


def names(table, namespace=NAMESPACE):
    """Options that name a table."""
    return ("-n", namespace, "-t", table)


def info(table, namespace=NAMESPACE):
    """What the node knows of a table."""
    return done("table info", *names(table, namespace))["data"]


def uploaded(table, source="breast_hetero_guest"):
    """Uploads a file of the example as a table; the job."""
    conf = desk.upload_conf(source, table_name=table)
    job = done("data upload", "-c", write(f"{table}.json", conf), "--drop")["jobId"]
    wait(job, LOCAL)
    return job


def shared(name):
    """Puts a file of the example where the node reads it; the path."""
    os.makedirs(SHARED, exist_ok=True)
    return shutil.copy(desk.example("breast_hetero_guest.csv"), os.path.join(SHARED, name))


class Data(unittest.TestCase):
    """Uploads, downloads, copies."""

    def test_upload(self):
        conf = write("upload.json", desk.upload_conf("breast_hetero_guest", table_name="up"))
        answer = done("data upload", "-c", conf, "--drop", "--verbose")
        data = answer["data"]
        self.assertEqual((data["table_name"], data["namespace"], data["code"]), ("up", NAMESPACE, 0))
        self.assertEqual((data["job_id"], data["model_info"]["model_id"]), (answer["jobId"], "local-0#model"))
        row = wait(answer["jobId"], LOCAL)
        self.assertEqual((row["f_progress"], row["f_roles"]), (100, {"local": [0]}))
        again = flow("data upload", "-c", conf)
        desk.refusal(again, 100, "drop")
        self.assertNotIn("jobId", again)
        wait(done("data upload", "-c", conf, "--drop")["jobId"], LOCAL)
        found = info("up")
        self.assertEqual((found["exist"], found["count"], found["partition"], found["origin"]), (1, 569, 4, "upload"))
        self.assertEqual(found["schema"]["sid"], "id")
        nowhere = desk.upload_conf("breast_hetero_guest", file="/no/such/file.csv")
        refused("data upload", "-c", write("nowhere.json", nowhere), code=100, words="does not exist")

    def test_upload_of_a_file_of_the_server(self):
        path = shared("server.csv")
        conf = desk.upload_conf("breast_hetero_guest", file=path, use_local_data=0, table_name="of_server")
        wait(done("data upload", "-c", write("server.json", conf), "--drop")["jobId"], LOCAL)
        self.assertEqual(info("of_server")["count"], 569)
        self.assertTrue(os.path.exists(path))
        conf["file"] = desk.example("breast_hetero_guest.csv")
        refused("data upload", "-c", write("outside.json", conf), "--drop", words="local")

    def test_upload_history(self):
        first, second = uploaded("history_1"), uploaded("history_2")
        data = done("data upload-history", "-l", 2)["data"]
        self.assertEqual([list(one) for one in data], [[second], [first]])
        mine = done("data upload-history", "-j", first)["data"]
        self.assertEqual([list(one) for one in mine], [[first]])
        desk.same_keys(mine[0][first], "notes schema upload_info")
        wanted = {"table_name": "history_1", "namespace": NAMESPACE, "partition": 4, "upload_count": 569}
        self.assertEqual(mine[0][first]["upload_info"], wanted)

    def test_download(self):
        uploaded("down")
        path = os.path.join(SHARED, "exports", "down.csv")
        conf = {"namespace": NAMESPACE, "table_name": "down", "output_path": path}
        answer = done("data download", "-c", write("download.json", conf))
        self.assertEqual(answer["data"]["code"], 0)
        wait(answer["jobId"], LOCAL)
        with open(path) as file, open(desk.example("breast_hetero_guest.csv")) as original:
            got, wanted = file.read().splitlines(), original.read().splitlines()
        self.assertEqual(got[0], wanted[0])
        self.assertEqual({line.split(",")[0] for line in got}, {line.split(",")[0] for line in wanted})
        self.assertEqual(len(got), len(wanted))
        self.refused_at_once_or_as_a_job("data download", dict(conf, output_path="/no/such/folder/down.csv"))
        refused("data download", "-c", write("lacks.json", {"namespace": NAMESPACE}), code=100)

    def test_writer(self):
        uploaded("original")
        conf = {"namespace": NAMESPACE, "table_name": "original", "output_namespace": "copies", "output_name": "copy"}
        wait(done("data writer", "-c", write("writer.json", conf))["jobId"], LOCAL)
        original, copy = info("original"), info("copy", "copies")
        self.assertEqual((copy["exist"], copy["count"], copy["schema"]), (1, 569, original["schema"]))
        outside = {"namespace": NAMESPACE, "table_name": "original", "storage_engine": "MYSQL",
                   "address": {"host": "127.0.0.1", "db": "fate", "name": "t"}}
        refused("data writer", "-c", write("mysql.json", outside), code=100)
        refused("data writer", "-c", write("lacks.json", {"namespace": NAMESPACE}), code=100)

    def refused_at_once_or_as_a_job(self, command, conf):
        """As FATE has it, a job that is not taken on may be told of in `data` alone."""
        answer = flow(command, "-c", write("refused.json", conf))
        self.assertTrue(answer["retcode"] != 0 or answer["data"]["code"] != 0, answer)


class Tables(unittest.TestCase):
    """Everything about a table that is there."""

    def test_info_and_delete(self):
        uploaded("short_lived")
        self.assertEqual(done("table delete", *names("short_lived"))["data"],
                         {"table_name": "short_lived", "namespace": NAMESPACE})
        nothing = {"address": None, "count": 0, "enable": True, "exist": 0, "extend_sid": False, "origin": None,
                   "namespace": NAMESPACE, "partition": None, "schema": None, "table_name": "short_lived"}
        self.assertEqual(info("short_lived"), nothing)
        refused("table delete", *names("short_lived"), code=101)
        refused("table delete", "-j", UNKNOWN, *AT_GUEST, code=101)

    def test_bind_and_add(self):
        conf = {"engine": "PATH", "namespace": NAMESPACE, "name": "bound", "head": 1, "id_delimiter": ",",
                "partitions": 4, "address": {"path": shared("bound.csv")}}
        bound = {"table_name": "bound", "namespace": NAMESPACE}
        path = write("bind.json", conf)
        self.assertEqual(done("table bind", "-c", path)["data"], bound)
        found = info("bound")
        self.assertEqual((found["exist"], found["count"], found["origin"]), (1, 569, "table_bind"))
        refused("table bind", "-c", path, code=100)
        self.assertEqual(done("table bind", "-c", path, "--drop")["data"], bound)
        second = dict(conf, engine="STANDALONE", name="second",
                      address={"name": "bound", "namespace": NAMESPACE})
        done("table add", "-c", write("add.json", second))
        self.assertEqual(info("second")["exist"], 1)
        mysql = dict(conf, engine="MYSQL", name="mysql", address={"host": "127.0.0.1", "db": "fate", "name": "t"})
        refused("table bind", "-c", write("mysql.json", mysql), words="upload")
        refused("table bind", "-c", write("lacks.json", {"engine": "PATH"}), code=101)

    def test_connectors(self):
        conf = {"connector_name": "store", "engine": "MYSQL", "connector_info": {"host": "127.0.0.1", "port": 3306}}
        done("table connector-create", "-c", write("connector.json", conf))
        found = done("table connector-query", "--connector-name", "store")["data"]
        self.assertIn("127.0.0.1", str(found))
        self.assertEqual(done("table connector-query", "--connector-name", "nosuch")["data"], {})

    def test_tracking(self):
        uploaded("breast_hetero_guest")
        uploaded("breast_hetero_host", "breast_hetero_host")
        self.assertEqual(done("table tracking-source", *names("breast_hetero_guest"))["data"], [])
        job = desk.submitted(*desk.readers())
        wait(job)
        used = done("table tracking-job", *names("breast_hetero_guest"))["data"]
        desk.same_keys(used, "count job")
        self.assertIn(job, used["job"])
        out = done("component output-data-table", "-j", job, *AT_GUEST, "-cpn", "reader_0")["data"][0]
        rows = done("table tracking-source", *names(out["table_name"], out["table_namespace"]))["data"]
        wanted = {"parent_table_name": "breast_hetero_guest", "parent_table_namespace": NAMESPACE,
                  "source_table_name": "breast_hetero_guest", "source_table_namespace": NAMESPACE}
        self.assertEqual(rows, [wanted])
        refused("table tracking-source", *names("nosuch"), code=100)
        refused("table tracking-source", code=101)

    def test_a_disabled_table_is_not_read(self):
        uploaded("breast_hetero_guest")
        uploaded("breast_hetero_host", "breast_hetero_host")
        one = [{"table_name": "breast_hetero_guest", "namespace": NAMESPACE}]
        self.assertEqual(done("table disable", *names("breast_hetero_guest"))["data"], one)
        self.assertFalse(info("breast_hetero_guest")["enable"])
        job = desk.submitted(*desk.readers())
        wait(job, status="failed")
        self.assertIn("disabled", desk.errors(job))
        self.assertEqual(done("table enable", *names("breast_hetero_guest"))["data"], one)
        self.assertTrue(info("breast_hetero_guest")["enable"])
        wait(desk.submitted(*desk.readers()))
        refused("table disable", *names("nosuch"), code=101)
        refused("table enable", *names("nosuch"), code=101)

    def test_disabled_tables_are_deleted(self):
        uploaded("unwanted")
        done("table disable", *names("unwanted"))
        gone = done("table disable-delete")["data"]
        self.assertEqual(gone, [{"table_name": "unwanted", "namespace": NAMESPACE}])
        self.assertEqual(info("unwanted")["exist"], 0)
        refused("table disable-delete", code=101)


if __name__ == "__main__":
    unittest.main()
