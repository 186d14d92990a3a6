//! From captions to token ids, within the limits of the model card.

use sha2::{Digest, Sha256};
use tokenizers::{Model, Tokenizer, TruncationParams};

use crate::card::{TextRepair, TokenizerCard};
use crate::error::ModelError;
use crate::openai_text;

/// The ids of one caption, special tokens included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenIds {
    /// At most `max_tokens` ids, unpadded.
    pub ids: Vec<u32>,
    /// Whether the end was cut off because the network cannot read more tokens.
    pub truncated: bool,
}

/// Captions of one batch, padded to the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenBatch {
    /// Number of captions.
    pub rows: usize,
    /// Tokens per caption, padding included.
    pub length: usize,
    /// `[rows, length]`, padded with the card's `pad_id`.
    pub ids: Vec<i64>,
    /// `[rows, length]`, 1 for a real token and 0 for padding.
    pub mask: Vec<i64>,
}

/// The tokenizer of one text network.
pub(crate) struct CaptionTokenizer {
    tokenizer: Tokenizer,
    card: TokenizerCard,
    openai: Option<OpenAiEnds>,
}

/// For texts repaired as by OpenAI: the ids at the start and at the end of every text.
#[derive(Clone, Copy)]
struct OpenAiEnds {
    start: u32,
    end: u32,
}

impl CaptionTokenizer {
    /// Reads a tokenizer file. Truncation and padding follow the card, not the file.
    pub fn new(network: &str, bytes: &[u8], card: &TokenizerCard) -> Result<Self, ModelError> {
        let fail = |reason: String| ModelError::Tokenizer { network: network.into(), reason };
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|error| fail(error.to_string()))?;
        let truncation = TruncationParams { max_length: card.max_tokens, ..Default::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(|error| fail(error.to_string()))?;
        tokenizer.with_padding(None);
        let id = |token: &str| {
            tokenizer.token_to_id(token).ok_or_else(|| fail(format!("its vocabulary has no token '{token}'")))
        };
        let openai = match card.text_repair {
            Some(TextRepair::OpenAi) => {
                Some(OpenAiEnds { start: id(openai_text::START)?, end: id(openai_text::END)? })
            }
            None => None,
        };
        Ok(Self { tokenizer, card: card.clone(), openai })
    }

    /// SHA-256 of the tokens in the order of their ids, one per line, as in a published `vocab.txt`. An id that is not
    /// the number of its line is written before its token, so that such a vocabulary never matches a published one.
    pub fn vocabulary_sha256(&self) -> String {
        let mut tokens: Vec<(u32, String)> =
            self.tokenizer.get_vocab(false).into_iter().map(|(token, id)| (id, token)).collect();
        tokens.sort_unstable();
        let mut hash = Sha256::new();
        for (place, (id, token)) in tokens.into_iter().enumerate() {
            if place != id as usize {
                hash.update(id.to_le_bytes());
            }
            hash.update(token.as_bytes());
            hash.update(b"\n");
        }
        hex::encode(hash.finalize())
    }

    pub fn encode(&self, network: &str, caption: &str) -> Result<TokenIds, ModelError> {
        let encoded = match self.openai {
            Some(ends) => self.encode_repaired(caption, ends),
            None => self.tokenizer.encode(caption, true).map(|encoding| TokenIds {
                ids: encoding.get_ids().to_vec(),
                truncated: !encoding.get_overflowing().is_empty(),
            }),
        };
        encoded.map_err(|error| ModelError::Tokenizer { network: network.into(), reason: error.to_string() })
    }

    /// Repairs the caption and cuts it into words as OpenAI's tokenizer does, and uses the file for its vocabulary alone.
    fn encode_repaired(&self, caption: &str, ends: OpenAiEnds) -> tokenizers::Result<TokenIds> {
        let limit = self.card.max_tokens;
        let repaired = openai_text::repair(caption);
        let mut ids = vec![ends.start];
        for word in openai_text::words(&repaired) {
            match word {
                openai_text::START => ids.push(ends.start),
                openai_text::END => ids.push(ends.end),
                _ => {
                    let tokens = self.tokenizer.get_model().tokenize(&openai_text::byte_characters(word))?;
                    ids.extend(tokens.into_iter().map(|token| token.id));
                }
            }
            if ids.len() >= limit {
                break;
            }
        }
        ids.push(ends.end);
        let truncated = ids.len() > limit;
        if truncated {
            ids.truncate(limit);
            ids[limit - 1] = ends.end;
        }
        Ok(TokenIds { ids, truncated })
    }

    pub fn batch(&self, captions: &[TokenIds]) -> TokenBatch {
        let longest = captions.iter().map(|caption| caption.ids.len()).max().unwrap_or(0);
        // The graphs were exported for sequences of at least two tokens.
        let length = self.card.pad_to.unwrap_or(longest).max(longest).max(2);
        let mut batch = TokenBatch {
            rows: captions.len(),
            length,
            ids: Vec::with_capacity(captions.len() * length),
            mask: Vec::with_capacity(captions.len() * length),
        };
        for caption in captions {
            let padding = length - caption.ids.len();
            batch.ids.extend(caption.ids.iter().map(|&id| i64::from(id)));
            batch.ids.extend(std::iter::repeat_n(i64::from(self.card.pad_id), padding));
            batch.mask.extend(std::iter::repeat_n(1, caption.ids.len()));
            batch.mask.extend(std::iter::repeat_n(0, padding));
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(tokens: &str) -> String {
        let json = format!(
            r#"{{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
            "pre_tokenizer":null,"post_processor":null,"decoder":null,
            "model":{{"type":"WordLevel","vocab":{{{tokens}}},"unk_token":"a"}}}}"#
        );
        let card: TokenizerCard =
            serde_json::from_str(r#"{"file":"","max_tokens":8,"pad_id":0,"pad_to":null}"#).unwrap();
        CaptionTokenizer::new("test", json.as_bytes(), &card).unwrap().vocabulary_sha256()
    }

    #[test]
    fn one_different_id_changes_the_hash_of_the_vocabulary() {
        let plain: String = hex::encode(Sha256::digest(b"a\nb\nc\n"));
        assert_eq!(vocabulary(r#""a":0,"b":1,"c":2"#), plain);
        assert_ne!(vocabulary(r#""a":0,"b":1,"c":3"#), plain);
        assert_ne!(vocabulary(r#""a":1,"b":2,"c":3"#), plain);
        assert_ne!(vocabulary(r#""a":1,"b":0,"c":2"#), plain);
    }
}
