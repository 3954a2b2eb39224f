"""What the scripts share: running commands of `flow`, waiting for jobs, the example's data and job.

Not for: what is tested. The scripts run in a folder of their own, with the client set up for the node (desk.rs).
"""

import copy
import faulthandler
import json
import os
import subprocess
import sys
import time

from flow_sdk.client import FlowClient

# A script that hangs says where, and ends.
faulthandler.dump_traceback_later(900, exit=True)

IP, PORT = "127.0.0.1", int(os.environ["PARCAE_PORT"])
# The node's folder, and that of the example.
DATA, EXAMPLE = os.environ["PARCAE_DATA"], os.environ["PARCAE_EXAMPLE"]
FLOW = os.environ["PARCAE_FLOW"]
GUEST, HOST, LOCAL = ("guest", 9999), ("host", 10000), ("local", 0)
MODEL = "arbiter-10000#guest-9999#host-10000#model"
# What the client names in options of its commands.
AT_GUEST = ("-r", "guest", "-p", "9999")
UNKNOWN = "202001010000000000000"
NAMESPACE = "experiment"
PATIENCE = 240

# With a key only where the node asks for one.
sdk = FlowClient(ip=IP, port=PORT, version="v1", app_key=os.environ.get("PARCAE_APP_KEY"),
                 secret_key=os.environ.get("PARCAE_SECRET_KEY"))


def ran(command, *options, cwd=None, code=0):
    """Runs a command of `flow`; it must end with `code` and must not crash."""
    line = [sys.executable, FLOW] + command.split() + [str(option) for option in options]
    done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, timeout=600)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == code and "Traceback" not in err, f"{line}: {done.returncode}\n{out}\n{err}"
    return out if code == 0 else err


def flow(command, *options, cwd=None):
    """Runs a command of `flow`; the JSON that it prints."""
    out = ran(command, *options, cwd=cwd)
    assert "{\n" in out, f"flow {command} {options} prints no JSON: {out}"
    answer, _ = json.JSONDecoder().raw_decode(out[out.index("{\n"):])
    assert isinstance(answer["retcode"], int) and isinstance(answer["retmsg"], str), answer
    return answer


def done(command, *options, cwd=None):
    """Runs a command that must succeed; what it prints."""
    answer = flow(command, *options, cwd=cwd)
    assert answer["retcode"] == 0, f"flow {command} {options}: {answer}"
    return answer


def refused(command, *options, code=None, words=()):
    """Runs a command that must be refused with a return code and a message that helps; the message."""
    return refusal(flow(command, *options), code, words)


def refusal(answer, code=None, words=()):
    """Checks an answer that refuses; its message."""
    assert answer["retcode"] != 0 and code in (None, answer["retcode"]), f"{code} expected: {answer}"
    message = answer["retmsg"]
    assert len(message) > 3 and "Traceback" not in message, answer
    for word in (words,) if isinstance(words, str) else words:
        assert word.lower() in message.lower(), f"{word!r} expected: {answer}"
    return message


def good(answer):
    """Checks an answer of the SDK that must be good; its data."""
    assert answer["retcode"] == 0 and isinstance(answer["retmsg"], str), answer
    return answer.get("data")


def wait(job, party=GUEST, status="success"):
    """Waits until a job has ended and is cleaned up; its row at a party. It must have ended with `status`."""
    row = until(job, lambda row: row["f_tag"] == "job_end", party)
    assert row["f_status"] == status, f"job {job} is {row['f_status']}\n{errors(job)}"
    return row


def until(job, holds, party=GUEST):
    """Waits until the row of a job at a party is as it should be."""
    end = time.time() + PATIENCE
    while True:
        rows = good(sdk.job.query(job_id=job, role=party[0], party_id=party[1]))
        if holds(rows[0]):
            return rows[0]
        assert time.time() < end, f"job {job} is still {rows[0]['f_status']}\n{errors(job)}"
        time.sleep(0.1)


def errors(job):
    """What the tasks of a job report."""
    lines = []
    for row in sdk.task.query(job_id=job).get("data") or []:
        lines.append("{f_component_name} {f_role} {f_party_status}: {f_error_report}".format(**row))
    return "\n".join(lines)


def versions(job):
    """Version of each task of a job at the guest, by component."""
    rows = good(sdk.task.query(job_id=job, role="guest", party_id=9999))
    return {row["f_component_name"]: row["f_task_version"] for row in rows}


def write(name, value):
    """Writes JSON, or text as it is, into the folder of the script; the path."""
    with open(name, "w") as file:
        file.write(value if isinstance(value, str) else json.dumps(value))
    return os.path.abspath(name)


def read(path):
    """A file of JSON."""
    with open(path) as file:
        return json.load(file)


def only_file(folder, ending=""):
    """The one file below a folder whose name has an ending."""
    found = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names if name.endswith(ending)]
    assert len(found) == 1, f"one file *{ending} expected in {folder}: {found}"
    return found[0]


def same_keys(value, keys):
    """Checks that an object has exactly these keys, named in one text."""
    assert sorted(value) == sorted(keys.split()), sorted(value)


def example(name):
    """A file of the example."""
    return os.path.join(EXAMPLE, name)


def upload_conf(name, **more):
    """Conf of an upload of a table of the example."""
    conf = {"file": example(f"{name}.csv"), "head": 1, "partition": 4, "id_delimiter": ",",
            "namespace": NAMESPACE, "table_name": name}
    conf.update(more)
    return conf


def upload_example():
    """Uploads both tables of the example."""
    for name in ("breast_hetero_guest", "breast_hetero_host"):
        job = sdk.data.upload(upload_conf(name), drop=1)["jobId"]
        wait(job, LOCAL)


def train_dsl():
    """DSL of the example."""
    return read(example("job_dsl.json"))


def train_conf(**parameters):
    """Conf of the example: three epochs unless told otherwise, and other parameters of hetero_lr_0."""
    conf = read(example("job_conf.json"))
    conf["component_parameters"]["common"]["hetero_lr_0"].update({"max_iter": 3}, **parameters)
    return conf


def conf_of(parameters, job_parameters=None, role=None):
    """Conf of a job with parameters of its components."""
    return {"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999},
            "role": role or {"guest": [9999], "host": [10000]},
            "job_parameters": {"common": job_parameters or {}}, "component_parameters": copy.deepcopy(parameters)}


def readers():
    """DSL and conf of a job that only reads the tables of the example."""
    table = {role: {"0": {"reader_0": {"table": {"namespace": NAMESPACE, "name": f"breast_hetero_{role}"}}}}
             for role in ("guest", "host")}
    return {"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}}, conf_of({"role": table})


def endless():
    """DSL and conf of a job that takes all cores and waits for a message that never comes."""
    conf = conf_of({"common": {"probe_0": {"behaviour": "pull_never"}}}, {"task_cores": 1024})
    return {"components": {"probe_0": {"module": "Probe"}}}, conf


def submitted(dsl, conf):
    """Submits a job with the SDK; its id."""
    answer = sdk.job.submit(config_data=copy.deepcopy(conf), dsl_data=dsl)
    good(answer)
    return answer["jobId"]
