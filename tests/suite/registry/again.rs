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
fn a_name_alone_means_the_version_that_the_configuration_names() {
    let served = Served::of(Site::of(own_images(&[("toy", "toy:0.1.0")]), |_| ()));
    push(&served, &TOY.image());
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
