//! Images that are pushed again keep who signed them; a name alone means the version that the configuration names. Not
//! for: what comes in at all (`registry`), what parties take (`parties`).

use super::*;

#[test]
fn who_pushes_again_without_the_signature_takes_nothing_from_it() {
    let lab = SecretKey::draw().unwrap();
    let mut policy = ComponentsPolicy::default();
    policy.own.push.keys = BTreeMap::from([("lab".to_owned(), lab.public())]);
    let served = with_policy(policy.clone());
    let image = TOY.image();
    let said = own_images(&[]).add(&image).unwrap().descriptor.clone();
    let signature = lab.sign(&digest(&image), &said).to_text();
    let signer = |answer: &Value| (answer["retcode"].clone(), answer["data"]["signed_by"].clone());
    let signed = (json!(0), json!("lab"));
    assert_eq!(signer(&send(&served, &image, Some(&signature))), signed);
    assert_eq!(signer(&send(&served, &image, None)), signed, "the signature went");

    // What the rules do not take any more counts for nothing.
    policy.own.push.keys.clear();
    let served = served.reopened_of(own_images(&[]), |options| options.policy = policy);
    assert_eq!(signer(&send(&served, &image, None)), (json!(0), Value::Null));
}

#[test]
fn who_pushes_again_with_a_signature_that_nobody_knows_takes_nothing_from_it() {
    let [lab, stranger] = [(); 2].map(|()| SecretKey::draw().unwrap());
    let image = TOY.image();
    let mut policy = ComponentsPolicy::default();
    let keys = BTreeMap::from([("lab".to_owned(), lab.public())]);
    policy.own.push = Rules { unsigned: false, digests: vec![digest(&image)], keys };
    let served = with_policy(policy);
    let said = own_images(&[]).add(&image).unwrap().descriptor.clone();
    let signed = |key: &SecretKey| key.sign(&digest(&image), &said).to_text();
    let signer = |key: &SecretKey| send(&served, &image, Some(&signed(key)))["data"]["signed_by"].clone();
    assert_eq!([signer(&stranger), signer(&lab), signer(&stranger)], [json!(null), json!("lab"), json!("lab")]);
}

#[test]
fn a_name_alone_means_the_version_that_the_configuration_names() {
    let images = own_images(&[("toy", "toy:0.1.0"), ("Nothing", "toy")]);
    assert_eq!(images.unserved(), [("nothing", "toy"), ("toy", "toy:0.1.0")]);
    let served = Served::of(Site::of(images.clone(), |_| ()));
    push(&served, &TOY.image());
    assert_eq!(images.unserved(), [("nothing", "toy")], "what is pushed counts");
    push(&served, &Toy { version: "0.2.0", ..TOY }.image());
    push(&served, &Toy { name: "other", ..TOY }.image());
    for (provider, name, version) in
        [("toy", "toy", "0.1.0"), ("toy:0.2.0", "toy", "0.2.0"), ("other", "other", "0.1.0"), ("fate", "toy", "0.1.0")]
    {
        let info = run(&served, "Toy", json!(provider));
        assert_eq!((&info["name"], &info["version"]), (&json!(name), &json!(version)), "{provider}");
    }
    let providers = served.data("provider/get", json!({}));
    assert_eq!(providers["toy"]["default"], json!({"version": "0.1.0"}));
}
