//! The terms of a query: phrases and photos, each with a '+' or a '-'.
//!
//! Owns how they are read from the command line, and their form in JSON.

use serde::Serialize;

use super::super::failure::Failure;

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    Text(String),
    Image(String),
    Terms(Vec<Term>),
}

/// One part of a query: added, or subtracted.
#[derive(Serialize)]
pub struct Term {
    pub sign: Sign,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    #[serde(rename = "+")]
    Plus,
    #[serde(rename = "-")]
    Minus,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Text(String),
    Image(String),
}

/// The phrases of a query with their signs: `a + b - c`.
pub fn phrases(tokens: &[String]) -> Result<Vec<(Sign, &str)>, Failure> {
    let usage = |message: &str| Failure::new(Failure::USAGE, message);
    let mut phrases = Vec::new();
    let mut sign = Some(Sign::Plus);
    for (position, token) in tokens.iter().enumerate() {
        match (token.trim(), sign) {
            // At the beginning a sign may follow the photos of --image.
            ("+", None) => sign = Some(Sign::Plus),
            ("-", None) => sign = Some(Sign::Minus),
            ("+", Some(_)) if position == 0 => sign = Some(Sign::Plus),
            ("-", Some(_)) if position == 0 => sign = Some(Sign::Minus),
            ("+" | "-", Some(_)) => {
                return Err(usage("two signs in a row; put a phrase between them"));
            }
            ("", _) => return Err(usage("the QUERY is empty; say what to look for")),
            (phrase, Some(found)) => {
                phrases.push((found, phrase));
                sign = None;
            }
            (_, None) => {
                return Err(usage(
                    "put a phrase of several words in quotes, and a '+' or '-' between two phrases",
                ));
            }
        }
    }
    if sign.is_some() && !tokens.is_empty() {
        return Err(usage("the QUERY ends with a sign; say what to add or subtract"));
    }
    Ok(phrases)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(tokens: &[&str]) -> Result<Vec<(Sign, String)>, u8> {
        let tokens: Vec<String> = tokens.iter().map(|token| (*token).to_owned()).collect();
        let found = phrases(&tokens).map_err(|failure| failure.code)?;
        Ok(found.into_iter().map(|(sign, text)| (sign, text.to_owned())).collect())
    }

    #[test]
    fn signs_stand_between_phrases() {
        let plus = |text: &str| (Sign::Plus, text.to_owned());
        let minus = |text: &str| (Sign::Minus, text.to_owned());
        assert_eq!(parsed(&["a car"]), Ok(vec![plus("a car")]));
        assert_eq!(parsed(&["a", "+", "b c", "-", "d"]), Ok(vec![plus("a"), plus("b c"), minus("d")]));
        assert_eq!(parsed(&["+", "at night", "-", "people"]), Ok(vec![plus("at night"), minus("people")]));
        assert_eq!(parsed(&["-", "people"]), Ok(vec![minus("people")]));
        assert_eq!(parsed(&[]), Ok(vec![]));
        for wrong in [&["a", "b"][..], &["a", "+"], &["+"], &["a", "+", "-", "b"], &["a", "+", " "], &[" "]] {
            assert_eq!(parsed(wrong), Err(Failure::USAGE), "{wrong:?}");
        }
    }
}
