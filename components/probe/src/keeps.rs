//! Behaviours of the module `ProbeExport`: checkpoints of models, and files on the site's disk. The module asks for the
//! grant `export-file`. Not for: what happens without it (`site`).

use parcae_sdk::{
    Error, Failure, FailureKind, Result, input_error, models,
    models::Part,
    site,
    tables::{Meaning, Values},
    texts,
};

use crate::{
    Behaviour, Request, behaviour,
    refusal::{refused, refused_as, until_limit},
};

/// The behaviours.
pub static ALL: [Behaviour; 11] = [
    behaviour("wrong_checkpoint", "success: ports, names and parts that are not right are refused", wrong_checkpoint),
    behaviour(
        "flood_checkpoints",
        "success after error checkpoints; `amount` checkpoints, endless for 0",
        flood_checkpoints,
    ),
    behaviour(
        "huge_checkpoint",
        "success after error model_bytes: a part of `amount` bytes (2 MiB); a small model is saved all the same",
        huge_checkpoint,
    ),
    behaviour(
        "checkpoint_again",
        "failed, kind transient, with two checkpoints, until attempt number `amount`, then success",
        checkpoint_again,
    ),
    behaviour("export", "success: a file of `amount` lines at the path of the text", export),
    behaviour("export_fails", "failed, kind input; nothing is left at the path of the text", export_fails),
    behaviour("export_crashes", "trapped; nothing is left at the path of the text", export_crashes),
    behaviour("export_escape", "success: paths that lead out of the allowed folders are refused", export_escape),
    behaviour("export_twice", "success: a second file is refused, the first is whole", export_twice),
    behaviour("export_unbegun", "success: bytes of no file are refused", export_unbegun),
    behaviour("flood_export", "success after error export_bytes; `amount` times 64 KiB, endless for 0", flood_export),
];

fn part(bytes: usize) -> Part {
    Part { name: "ProbeParam".to_owned(), json: "{}".to_owned(), bytes: vec![7; bytes] }
}

fn invalid(error: &Error) -> bool {
    matches!(error, Error::Invalid(_))
}

fn missing(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

fn wrong_checkpoint(_: &Request) -> Result<()> {
    for port in ["", "nonsense", "data", "../model", "MODEL"] {
        refused_as("a checkpoint under no port", models::save_checkpoint(port, 0, "epoch_0", &[part(1)]), missing)?;
    }
    let long = "x".repeat(201);
    for name in ["", "a b", "../epoch", "a/b", "a\\b", "a\nb", "\u{e4}", "\u{1b}[2J", "\0", long.as_str()] {
        refused_as("a name of a step", models::save_checkpoint("model", 0, name, &[part(1)]), invalid)?;
    }
    let named = |name: &str| Part { name: name.to_owned(), ..part(1) };
    for name in ["", "a/b", "..\\b", "a b", long.as_str()] {
        refused_as("a name of a part", models::save_checkpoint("model", 0, "epoch_0", &[named(name)]), invalid)?;
    }
    for json in ["", "[]", "{", "1", "null"] {
        let part = Part { json: json.to_owned(), ..part(1) };
        refused_as("a part that is no object", models::save_checkpoint("model", 0, "epoch_0", &[part]), invalid)?;
    }
    let many: Vec<Part> = (0..1001).map(|i| named(&format!("p{i}"))).collect();
    refused_as("many parts", models::save_checkpoint("model", 0, "epoch_0", &many), invalid)?;
    // After all that the right ones still work, the odd one and the last one too.
    models::save_checkpoint("model", 0, "a-Z_0.#:", &[])?;
    Ok(models::save_checkpoint("model", u32::MAX, &long[..200], &[part(1)])?)
}

fn flood_checkpoints(request: &Request) -> Result<()> {
    until_limit("checkpoints", request.amount, |i| {
        models::save_checkpoint("model", (i % 3) as u32, &format!("epoch_{i}"), &[part(16)])
    })
}

fn huge_checkpoint(request: &Request) -> Result<()> {
    let limit = |error: &Error| matches!(error, Error::Limit(hit) if hit.name == "model_bytes");
    let huge = part(request.amount_or(2 << 20) as usize);
    refused_as("a huge checkpoint", models::save_checkpoint("model", 0, "epoch_0", &[huge]), limit)?;
    until_limit("model_bytes", 0, |i| models::save_checkpoint("model", i as u32, "epoch", &[part(64 << 10)]))?;
    Ok(models::save("model", &[part(64 << 10)])?)
}

fn checkpoint_again(request: &Request) -> Result<()> {
    let attempt = request.task.attempt;
    for step in [10 * attempt, 10 * attempt + 1] {
        models::save_checkpoint("model", step, &format!("epoch_{step}"), &[part(1)])?;
    }
    if u64::from(attempt) >= request.amount {
        return Ok(());
    }
    Err(Failure { kind: FailureKind::Transient, message: format!("attempt {attempt} fails after two checkpoints") })
}

fn write(request: &Request) -> Result<()> {
    site::export_begin(request.text)?;
    for line in 0..request.amount_or(3) {
        site::export_write(format!("line {line}\n").as_bytes())?;
    }
    Ok(())
}

fn export(request: &Request) -> Result<()> {
    write(request)?;
    site::export_write(&[])?;
    // A table beside it comes to the job as always.
    let ids = Values::Text(texts(["a"]));
    parcae_sdk::Frame::new(vec![parcae_sdk::Column::new("id", Meaning::Id, ids)]).write("data")?;
    Ok(())
}

fn export_fails(request: &Request) -> Result<()> {
    write(request)?;
    Err(input_error("fails after it has written its file"))
}

fn export_crashes(request: &Request) -> Result<()> {
    write(request)?;
    panic!("crashes after it has written its file")
}

fn export_escape(_: &Request) -> Result<()> {
    let long = "x/".repeat(4000);
    for path in [
        "",
        ".",
        "..",
        "/",
        "/etc/passwd",
        "../parcae.sqlite",
        "a/../../parcae.sqlite",
        "folder/",
        "/proc/self/environ",
        "a\0b",
        "a\nb",
        "way/x.csv",
        "way/deeper/x.csv",
        long.as_str(),
    ] {
        refused("a path that leads out", site::export_begin(path))?;
    }
    refused("bytes of a file that was refused", site::export_write(b"x"))
}

fn export_twice(request: &Request) -> Result<()> {
    write(request)?;
    let there = |error: &Error| matches!(error, Error::Exists(_));
    refused_as("a second file", site::export_begin("second.csv"), there)?;
    refused_as("the same file", site::export_begin(request.text), there)
}

fn export_unbegun(_: &Request) -> Result<()> {
    refused_as("bytes of no file", site::export_write(b"x"), invalid)
}

fn flood_export(request: &Request) -> Result<()> {
    site::export_begin(request.text)?;
    let block = vec![b'x'; 64 << 10];
    until_limit("export_bytes", request.amount, |_| site::export_write(&block))
}
