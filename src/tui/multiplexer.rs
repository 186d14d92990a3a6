//! Programs between this one and the terminal, as far as the environment tells.
//!
//! They do not pass on everything that the terminal outside can do.

/// What stands in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiplexer {
    /// Nothing that is known.
    None,
    /// tmux, which passes on what is wrapped for it.
    Tmux,
    /// GNU screen, or something that cannot be told from it. It passes on no graphics, and has no colors but those of its own
    /// terminal type.
    Screen,
}

impl Multiplexer {
    /// `variable` is as `std::env::var`. Both set variables for the programs inside of them, which those inside of one inside
    /// of the other have as well; with both, what is safe for GNU screen is safe for tmux.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let in_tmux = set("TERM_PROGRAM").is_some_and(|program| program == "tmux");
        if set("STY").is_some() {
            Self::Screen
        } else if in_tmux || term.starts_with("tmux") {
            Self::Tmux
        } else if term.starts_with("screen") {
            Self::Screen
        } else {
            Self::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Multiplexer {
        Multiplexer::of(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
        })
    }

    #[test]
    fn what_stands_in_between_is_told_by_the_environment() {
        assert_eq!(of(&[]), Multiplexer::None);
        assert_eq!(of(&[("TERM", "xterm-256color"), ("STY", "")]), Multiplexer::None);
        let tmux = [("TERM", "screen-256color"), ("TERM_PROGRAM", "tmux"), ("TMUX", "/x,1,0")];
        assert_eq!(of(&tmux), Multiplexer::Tmux);
        assert_eq!(of(&[("TERM", "tmux-256color")]), Multiplexer::Tmux);
        assert_eq!(of(&[("TERM", "screen.xterm-256color")]), Multiplexer::Screen);
        // Over ssh from inside of either.
        assert_eq!(of(&[("TERM", "screen")]), Multiplexer::Screen);
        let screen_in_tmux = [("TERM", "screen"), ("TERM_PROGRAM", "tmux"), ("TMUX", "/x"), ("STY", "7.pts")];
        assert_eq!(of(&screen_in_tmux), Multiplexer::Screen);
        let tmux_in_screen = [("TERM", "tmux-256color"), ("TERM_PROGRAM", "tmux"), ("STY", "7.pts")];
        assert_eq!(of(&tmux_in_screen), Multiplexer::Screen);
    }
}
