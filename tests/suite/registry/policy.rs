//! Whose components come in: rules about signatures and digests, with and without a restart. Not for: which of them
//! parties take (`parties`).

use super::*;

#[test]
fn a_policy_says_whose_components_come_in() {
    let [lab, stranger] = [(); 2].map(|()| SecretKey::draw().unwrap());
    let listed = Toy { name: "listed", ..TOY };
    let mut policy = ComponentsPolicy::default();
    policy.own.push = Rules {
        unsigned: false,
        digests: vec![digest(&listed.image())],
        keys: BTreeMap::from([("lab".to_owned(), lab.public())]),
    };
    let served = with_policy(policy.clone());
    let images = own_images(&[]);
    let sign = |key: &SecretKey, toy: &Toy| {
        let image = images.add(&toy.image()).unwrap();
        key.sign(&image.digest, &image.descriptor).to_text()
    };
    let image = TOY.image();
    let signature = sign(&lab, &TOY);
    let bad = |text: &str| refused(&send(&served, &image, Some(text)));
    let (code, why) = refused(&send(&served, &image, None));
    assert!(code == 101 && why.contains("rule unsigned") && why.contains("one of the keys lab"), "{why}");
    let (_, why) = bad(&sign(&stranger, &TOY));
    assert!(why.contains("rule keys") && why.contains(&stranger.id()), "{why}");
    let (_, why) = bad(&sign(&lab, &listed));
    assert!(why.contains("of another image"), "{why}");
    let mut forged: Value = serde_json::from_str(&signature).unwrap();
    forged["description"] = json!(digest(b"another"));
    assert!(bad(&forged.to_string()).1.contains("the signature is wrong"));
    assert!(bad("{}").1.contains("parcae component sign"));
    // Of the right image, by the right key, but of another description.
    let other = images.add(&listed.image()).unwrap();
    let mixed = lab.sign(&digest(&image), &other.descriptor).to_text();
    assert!(bad(&mixed).1.contains("of another description"));
    assert!(names(&ask(&served, "GET", "").json()["data"]).is_empty());

    let taken = send(&served, &image, Some(&signature));
    assert_eq!((&taken["retcode"], &taken["data"]["signed_by"]), (&json!(0), &json!("lab")), "{taken}");
    assert!(push(&served, &listed.image()).get("signed_by").is_none());
    let newer = Toy { version: "0.2.0", ..TOY };
    let form = form_of(&newer.image(), &sign(&lab, &newer));
    let kind = form_type();
    let (_, answer) = served.send("POST", "/v1/components", &[("Content-Type", kind.as_str())], &form).answer();
    assert_eq!((&answer["retcode"], &answer["data"]["signed_by"]), (&json!(0), &json!("lab")), "{answer}");
    run(&served, "Toy", json!("toy:0.1.0"));

    // A key that is taken back takes back what it let in, and nothing else.
    let mut stricter = policy;
    stricter.own.push.keys.clear();
    let served = served.reopened_of(own_images(&[]), |options| options.policy = stricter);
    let rows = ask(&served, "GET", "").json()["data"].clone();
    assert_eq!(names(&rows).len(), 3);
    let loaded = list(&rows).iter().filter(|row| row["origin"] == "pushed" && row["loaded"] == true);
    assert_eq!(loaded.map(|row| &row["name"]).collect::<Vec<_>>(), ["listed"]);
    let why = format!("toy:0.1.0 (sha256:{}) was left out: components_policy, rule keys", digest(&image));
    let refused = no_job(&served, "Toy", json!("toy:0.1.0"));
    assert!(refused.contains("has no provider") && refused.contains(&why), "{refused}");
    let row = ask(&served, "GET", "/toy:0.1.0").json()["data"]["left_out"].clone();
    assert!(row.as_str().unwrap().contains("rule keys"), "{row}");
    assert_eq!(ask(&served, "DELETE", "/toy:0.1.0").json()["retcode"], 0);
}

/// A form with an image and its signature.
fn form_of(image: &[u8], signature: &str) -> Vec<u8> {
    let boundary = form_type().split_once("boundary=").unwrap().1.to_owned();
    let head = |name: &str, more: &str| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n").into_bytes()
    };
    let end = format!("\r\n--{boundary}--\r\n").into_bytes();
    let signature = [head("signature", ""), signature.as_bytes().to_vec(), b"\r\n".to_vec()].concat();
    [signature, head("file", "; filename=\"toy.wasm\""), image.to_vec(), end].concat()
}
