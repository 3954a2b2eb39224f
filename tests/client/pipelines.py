"""Pipelines of the example, built as FATE's own examples build them. Not for: what is tested."""

from desk import NAMESPACE
from pipeline.backend.pipeline import PipeLine
from pipeline.component import DataTransform, Evaluation, HeteroLR, Intersection, Reader
from pipeline.interface import Data, Model

GUEST, HOST, ARBITER = 9999, 10000, 10000
QUICK = {"penalty": "L2", "tol": 0.0001, "alpha": 0.01, "optimizer": "rmsprop", "batch_size": -1,
         "learning_rate": 0.15, "init_param": {"init_method": "zeros", "fit_intercept": True}, "max_iter": 3,
         "early_stop": "diff"}
# What the plaintext re-enactment gives for QUICK after five epochs.
AUC_OF_FIVE = 0.975186
PREDICTION = ["id", "label", "predict_result", "predict_score", "predict_detail", "type"]


def table(role):
    """A table of the example."""
    return {"name": f"breast_hetero_{role}", "namespace": NAMESPACE}


def empty(host=HOST):
    """A pipeline of the three parties, without components."""
    pipeline = PipeLine().set_initiator(role="guest", party_id=GUEST)
    return pipeline.set_roles(guest=GUEST, host=host, arbiter=ARBITER)


def reader(name="reader_0", host=HOST):
    """Reads the tables of the example."""
    component = Reader(name=name)
    component.get_party_instance(role="guest", party_id=GUEST).component_param(table=table("guest"))
    component.get_party_instance(role="host", party_id=host).component_param(table=table("host"))
    return component


def prepared(pipeline, host=HOST, number=0, like=None):
    """Adds reader, data transform and intersection; the intersection. `like` names a transform whose model is used."""
    source = reader(f"reader_{number}", host)
    transform = DataTransform(name=f"data_transform_{number}", output_format="dense")
    if like is None:
        at_guest = transform.get_party_instance(role="guest", party_id=GUEST)
        at_guest.component_param(with_label=True, label_name="y", label_type="int")
        transform.get_party_instance(role="host", party_id=host).component_param(with_label=False)
    intersection = Intersection(name=f"intersection_{number}")
    pipeline.add_component(source)
    model = None if like is None else Model(like.output.model)
    pipeline.add_component(transform, data=Data(data=source.output.data), model=model)
    pipeline.add_component(intersection, data=Data(data=transform.output.data))
    return intersection


def learner(number=0, **parameters):
    """A logistic regression with quick parameters unless told otherwise."""
    return HeteroLR(name=f"hetero_lr_{number}", **dict(QUICK, **parameters))


def training(host=HOST, eval_type="binary", evaluated=True, **parameters):
    """A pipeline that trains and evaluates, compiled."""
    pipeline = empty(host)
    intersection = prepared(pipeline, host)
    regression = learner(**parameters)
    pipeline.add_component(regression, data=Data(train_data=intersection.output.data))
    if evaluated:
        evaluation = Evaluation(name="evaluation_0", eval_type=eval_type)
        pipeline.add_component(evaluation, data=Data(data=regression.output.data))
    return pipeline.compile()


def metric(pipeline, name, namespace="train", component="hetero_lr_0", at="evaluation_0"):
    """A single value of an evaluation, by the way on which scripts get metrics."""
    series = pipeline._job_invoker.get_metric(pipeline.get_train_job_id(), at, "guest", GUEST)
    return dict(series[namespace][component]["data"])[name]


def losses(pipeline, component="hetero_lr_0"):
    """Losses of a training, from the arbiter."""
    series = pipeline._job_invoker.get_metric(pipeline.get_train_job_id(), component, "arbiter", ARBITER)
    return series["train"]["loss"]["data"]


def predicting(trained, components=("data_transform_0", "intersection_0", "hetero_lr_0"), **more):
    """Deploys components of a trained pipeline and predicts with a new reader; the pipeline of the prediction."""
    trained.deploy_component([getattr(trained, name) for name in components])
    pipeline = PipeLine()
    source = reader("reader_9")
    pipeline.add_component(source)
    pipeline.add_component(trained, data=Data(predict_input={trained.data_transform_0.input.data: source.output.data}))
    pipeline.predict(**more)
    return pipeline
