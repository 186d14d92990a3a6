//! Differences between two results of the same items against scipy's and statsmodels', from `tools/make_paired_fixtures.py`.

use clipscope_analysis::paired::{BootstrapOptions, Difference, Kind, Pair, PairedMetric, compare};
use serde_json::Value;

fn cases() -> Vec<Value> {
    let fixture: Value = serde_json::from_str(include_str!("../fixtures/paired.json")).unwrap();
    fixture["cases"].as_array().unwrap().clone()
}

fn metric(case: &Value) -> PairedMetric {
    let kind = if case["kind"] == "share" { Kind::Share } else { Kind::Mean };
    let number = |value: &Value| value.as_f64().unwrap();
    let pair = |pair: &Value| Pair {
        cluster: pair[0].as_u64().unwrap() as usize,
        old: number(&pair[1]),
        new: number(&pair[2]),
    };
    PairedMetric { kind, pairs: case["pairs"].as_array().unwrap().iter().map(pair).collect() }
}

fn found(case: &Value) -> Difference {
    compare(&[metric(case)], &BootstrapOptions::default())[0].unwrap()
}

#[test]
fn shares_means_and_exact_p_values_are_those_of_the_libraries() {
    for case in cases() {
        let (name, found) = (&case["name"], found(&case));
        let close = |value: f64, expected: &Value| {
            let expected = expected.as_f64().unwrap();
            assert!((value - expected).abs() < 1e-9, "{name}: {value} {expected}");
        };
        close(found.old, &case["old"]);
        close(found.new, &case["new"]);
        assert!((found.difference - (found.new - found.old)).abs() < 1e-12, "{name}");
        match found.p {
            Some(p) => close(p, &case["p"]),
            None => assert!(case["p"].is_null(), "{name}"),
        }
        let changes = found.gained.zip(found.lost);
        if let Some((gained, lost)) = changes {
            let net = gained as f64 - lost as f64;
            assert!((net / found.n as f64 - found.difference).abs() < 1e-12, "{name}");
        }
    }
}

#[test]
fn intervals_are_those_of_scipy_up_to_the_noise_of_the_draws() {
    for case in cases() {
        let name = &case["name"];
        let [low, high] = found(&case).interval.unwrap();
        let expected = [0, 1].map(|end| case["interval"][end].as_f64().unwrap());
        // Shares of few photos move in steps of one photo.
        let tolerance = 0.06 * (expected[1] - expected[0]);
        assert!((low - expected[0]).abs() <= tolerance, "{name}: {low} {expected:?}");
        assert!((high - expected[1]).abs() <= tolerance, "{name}: {high} {expected:?}");
    }
}
