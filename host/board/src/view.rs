//! Who looks at a page, and how it is to look for them: language, theme, what they may do. Not for: finding it out
//! (`server`).

use parcae_domain::tenant::Scope;

/// Languages of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese, simplified.
    Zh,
}

impl Lang {
    /// As the attribute `lang` and cookies have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh",
        }
    }

    /// The language of a word such as `zh` or `zh-CN`.
    pub fn of(word: &str) -> Option<Lang> {
        match word.split(['-', '_']).next().unwrap_or_default().trim() {
            "en" => Some(Lang::En),
            "zh" => Some(Lang::Zh),
            _ => None,
        }
    }
}

/// Dark or light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system of the user is.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// As attributes and cookies have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme of a word.
    pub fn of(word: &str) -> Option<Theme> {
        [Theme::System, Theme::Light, Theme::Dark].into_iter().find(|theme| theme.as_str() == word)
    }
}

/// Who looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Their tenant.
    pub tenant: String,
    /// How far their key reaches.
    pub scope: Scope,
    /// Id of their key, or `anonymous` at a node that asks nobody.
    pub name: String,
    /// There is a session that can be ended.
    pub can_log_out: bool,
}

/// What all pages know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Language.
    pub lang: Lang,
    /// Theme.
    pub theme: Theme,
    /// Who looks; none before they have logged in.
    pub who: Option<Who>,
    /// Path and query of the page.
    pub here: String,
}

impl View {
    /// A text in the language of the page: English, Chinese.
    pub fn t<'t>(&self, en: &'t str, zh: &'t str) -> &'t str {
        match self.lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// The word for so many things: `row`, `rows`; Chinese has one.
    pub fn many<'t>(&self, number: u64, one: &'t str, more: &'t str, zh: &'t str) -> &'t str {
        self.t(if number == 1 { one } else { more }, zh)
    }

    /// Whether who looks may do what needs this scope. What they may not is not offered.
    pub fn may(&self, scope: Scope) -> bool {
        self.who.as_ref().is_some_and(|who| who.scope >= scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_not_many() {
        let (en, zh) = (View::default(), View { lang: Lang::Zh, ..View::default() });
        assert_eq!([0, 1, 2].map(|number| en.many(number, "row", "rows", "行")), ["rows", "row", "rows"]);
        assert_eq!(zh.many(1, "row", "rows", "行"), "行");
    }

    #[test]
    fn words_of_browsers_are_known() {
        assert_eq!(["zh-CN", "en-US", "fr", ""].map(Lang::of), [Some(Lang::Zh), Some(Lang::En), None, None]);
        assert_eq!(["dark", "system", "pink"].map(Theme::of), [Some(Theme::Dark), Some(Theme::System), None]);
    }
}
