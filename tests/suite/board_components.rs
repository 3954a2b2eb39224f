//! Components in the browser: the list, what each says of itself, a push by a form, grants, and removing. Not for: what
//! a node takes (`registry`, `refused`).

use parcae_domain::tenant::Scope;
use parcae_tests::{
    Site,
    http::{Raw, Served, form_type},
    made::{Said, SaidModule},
    own_images,
    pages::has,
};

const FORM: &str = "application/x-www-form-urlencoded";
const SCRIPT: &str = "<script>x</script>";
const RULES: &str = r#"{"items": {"properties": {"points": {}}}}"#;

#[track_caller]
fn text(raw: &Raw, status: u16) -> String {
    let text = String::from_utf8_lossy(&raw.bytes).into_owned();
    assert_eq!(raw.status, status, "{text}");
    assert!(!text.contains("<script>") && !text.contains(" style="), "what is said became markup: {text}");
    text
}

/// A component whose texts try to be markup, and that asks for something.
fn toy() -> Vec<u8> {
    let schema = format!(r#"{{"properties": {{"{SCRIPT}": {{"default": "{SCRIPT}"}}, "rules": {RULES}}}}}"#);
    let module = SaidModule {
        roles: vec![0],
        summary: SCRIPT.as_bytes().to_vec(),
        grants: [&b"clock"[..], b"open-table"].map(<[u8]>::to_vec).to_vec(),
        parameters: schema.into_bytes(),
        ..SaidModule::named("Toy")
    };
    let change = |said: &mut Said| {
        said.name = b"toy".to_vec();
        said.summary = SCRIPT.as_bytes().to_vec();
        said.modules = vec![module];
    };
    Said::but(change).build()
}

/// A form as a browser sends it: with a part for the signature for which no file was chosen.
fn form(image: &[u8]) -> Vec<u8> {
    let boundary = form_type().split_once("boundary=").unwrap().1.to_owned();
    let head = |name: &str, file: &str| {
        let kind = "Content-Type: application/octet-stream";
        let named = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"");
        format!("--{boundary}\r\n{named}\r\n{kind}\r\n\r\n").into_bytes()
    };
    let end = format!("\r\n--{boundary}--\r\n").into_bytes();
    [head("file", "toy.wasm"), image.to_vec(), b"\r\n".to_vec(), head("signature", ""), end].concat()
}

fn node() -> Served {
    Served::of(Site::of(own_images(&[]), |_| ()))
}

#[test]
fn what_a_component_says_of_itself_is_a_page() {
    let served = node();
    let list = text(&served.get("/components"), 200);
    has(&list, &["hetero_lr", "DataTransform", "built in", "Push a component", "default"]);
    let found = text(&served.get("/components?module=dataio"), 200);
    assert!(found.contains("data_transform") && !found.contains("hetero_lr"), "{found}");
    let none = text(&served.get("/components?module=%3Cb%3E"), 200);
    has(&none, &["No component has such a name", "value=\"&lt;b&gt;\""]);
    let page = text(&served.get("/components/hetero_lr"), 200);
    has(&page, &["max_iter", "predict_param.threshold", "integer, ≥ 1", "guest, host, arbiter", "isometric_model"]);
    assert!(!page.contains("/delete\"") && !page.contains("/wasm\""), "it came with the node: {page}");
    text(&served.get("/components/nobody"), 404);
    text(&served.get("/components/%ff"), 404);
}

#[test]
fn a_component_is_pushed_granted_and_removed_by_forms() {
    let served = node();
    let kind = form_type();
    let push = |image: &[u8]| served.send("POST", "/components", &[("Content-Type", kind.as_str())], &form(image));
    let act = |path: &str, fields: &str| served.send("POST", path, &[("Content-Type", FORM)], fields.as_bytes());
    let page = text(&push(b"hello"), 400);
    has(&page, &["not a WebAssembly component", "Push a component"]);
    has(&text(&push(b""), 400), &["no image came"]);

    let page = text(&push(&toy()), 200);
    has(&page, &["Pushed: its modules", "&lt;script&gt;x", "open-table", "asks for more", "/wasm\"", "/delete\""]);
    has(&page, &["rules[].points"]);
    has(&text(&push(&toy()), 200), &["was here already"]);
    has(&text(&served.get("/components"), 200), &["2 not given", "pushed"]);
    let image = || served.site.node.default_tenant().component_image("toy").unwrap();
    assert_eq!(image().grants[0].missing.len(), 2);
    let page = text(&act("/components/toy:0.1.0/grants", "module=Toy&grant=clock&grant=open-table"), 200);
    has(&page, &["as ticked", "value=\"open-table\" checked"]);
    assert!(image().grants[0].missing.is_empty());
    text(&act("/components/toy/grants", "module=Toy"), 200);
    assert!(image().grants[0].granted.is_empty());
    has(&text(&act("/components/toy/grants", "module=Toy&grant=%3Cfly%3E"), 400), &["there is no grant"]);
    text(&act("/components/toy/grants", "module=Toy&grant=randomness"), 400);
    text(&act("/components/toy/grants", ""), 400);
    let file = served.get(&format!("/v1/components/{}/wasm", image().digest));
    assert_eq!((file.status, file.bytes), (200, toy()));

    text(&act("/components/reader/delete", ""), 400);
    let page = text(&act("/components/toy/delete", ""), 200);
    assert!(!page.contains(">toy<"), "{page}");
    text(&act("/components/toy/delete", ""), 404);
}

#[test]
fn components_belong_to_a_tenant_and_grants_to_its_operators() {
    let served = node();
    let lab = served.keyed("lab", Scope::Submit);
    let operator = served.keyed("lab", Scope::Operate);
    let bank = served.keyed("bank", Scope::Operate);
    let reader = served.keyed("lab", Scope::Read);
    let (see, never) = ("/components/toy", text(&bank.send("GET", "/components/toy", FORM, b""), 404));
    text(&reader.send("POST", "/components", &form_type(), &form(&toy())), 403);
    // Its answer leads on, which the client of the tests follows without the key.
    lab.send("POST", "/components", &form_type(), &form(&toy()));
    let page = text(&lab.send("GET", see, FORM, b""), 200);
    assert!(page.contains("Ask who operates") && !page.contains("/delete\""), "{page}");
    assert_eq!(text(&bank.send("GET", see, FORM, b""), 404), never);
    text(&bank.send("POST", "/components/toy/delete", FORM, b""), 404);
    for path in ["/components/toy/grants", "/components/toy/delete"] {
        text(&lab.send("POST", path, FORM, b"module=Toy&grant=clock"), 403);
    }
    operator.send("POST", "/components/toy/grants", FORM, b"module=Toy&grant=clock");
    let image = served.site.node.tenant(&lab.tenant).component_image("toy").unwrap();
    assert_eq!((image.grants[0].granted.len(), image.grants[0].missing.len()), (1, 1));
    let page = text(&reader.send("GET", see, FORM, b""), 200);
    assert!(!page.contains("Push a component") && !page.contains("name=\"grant\""), "{page}");
}
