use std::collections::BTreeMap;

use serde::Deserialize;

use crate::PipelineError;

/// What a chain may be made of.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Every factory that a description may name, and the Debian package that has it.
    pub allowed: &'static [(&'static str, &'static str)],
    /// The factory of the first element and of no other; `None` where any may be first.
    pub first: Option<&'static str>,
    /// The factory of the last element and of no other; `None` where any may be last.
    pub last: Option<&'static str>,
}

/// A chain of elements that keeps to its rules.
#[derive(Debug)]
pub struct Description {
    pub(crate) elements: Vec<ElementDescription>,
    pub(crate) rules: Rules,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(rename = "element")]
    elements: Vec<ElementDescription>,
}

/// One element of a chain.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ElementDescription {
    pub(crate) factory: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) properties: BTreeMap<String, toml::Value>,
    /// Properties that the program sets.
    #[serde(default)]
    pub(crate) fill: Vec<String>,
}

impl Description {
    /// Parses a description and checks it; nothing is made yet.
    ///
    /// # Errors
    /// Where the text is not of the right form, names an element that is not allowed, or does not begin and end as the
    /// rules say.
    pub fn parse(text: &str, rules: Rules) -> Result<Self, PipelineError> {
        let Text { elements } = toml::from_str(text)?;
        let factories: Vec<&str> = elements.iter().map(|element| element.factory.as_str()).collect();
        rules.check(&factories)?;
        Ok(Self { elements, rules })
    }
}

impl Rules {
    /// The Debian package that has an element; `None` for one that is not allowed.
    pub(crate) fn package_of(&self, factory: &str) -> Option<&'static str> {
        self.allowed.iter().find(|(allowed, _)| *allowed == factory).map(|(_, package)| *package)
    }

    fn check(&self, factories: &[&str]) -> Result<(), PipelineError> {
        if let Some(first) = self.first {
            let rest = factories.split_first().filter(|(found, _)| **found == first).map(|(_, rest)| rest);
            only_there(rest, first).then_some(()).ok_or(PipelineError::First(first))?;
        }
        if let Some(last) = self.last {
            let rest = factories.split_last().filter(|(found, _)| **found == last).map(|(_, rest)| rest);
            only_there(rest, last).then_some(()).ok_or(PipelineError::Last(last))?;
        }
        match factories.iter().find(|factory| self.package_of(factory).is_none()) {
            Some(factory) => Err(PipelineError::Forbidden((*factory).to_owned())),
            None => Ok(()),
        }
    }
}

fn only_there(rest: Option<&[&str]>, factory: &str) -> bool {
    rest.is_some_and(|rest| !rest.contains(&factory))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules =
        Rules { allowed: &[("appsrc", "a"), ("identity", "b"), ("appsink", "c")], first: None, last: None };

    fn chain(factories: &[&str], rules: Rules) -> Result<Description, PipelineError> {
        let element = |factory: &&str| format!("[[element]]\nfactory = \"{factory}\"\nname = \"{factory}\"\n");
        Description::parse(&factories.iter().map(element).collect::<String>(), rules)
    }

    #[test]
    fn only_known_elements_pass() {
        assert!(chain(&["identity", "appsink"], RULES).is_ok());
        let error = chain(&["identity", "filesink"], RULES).unwrap_err();
        assert!(matches!(error, PipelineError::Forbidden(name) if name == "filesink"));
    }

    #[test]
    fn ends_are_where_they_must_be() {
        let first = Rules { first: Some("appsrc"), ..RULES };
        assert!(chain(&["appsrc", "identity"], first).is_ok());
        for wrong in [&["identity"][..], &["identity", "appsrc"], &["appsrc", "appsrc"]] {
            assert!(matches!(chain(wrong, first), Err(PipelineError::First("appsrc"))), "{wrong:?}");
        }
        let last = Rules { last: Some("appsink"), ..RULES };
        assert!(chain(&["identity", "appsink"], last).is_ok());
        for wrong in [&["identity"][..], &["appsink", "identity"], &["appsink", "appsink"]] {
            assert!(matches!(chain(wrong, last), Err(PipelineError::Last("appsink"))), "{wrong:?}");
        }
    }

    #[test]
    fn other_text_is_no_description() {
        for text in ["", "[[element]]\nfactory = 1", "[[element]]\nfactory = \"appsrc\"\nname = \"a\"\nlaunch = \"b\""]
        {
            assert!(matches!(Description::parse(text, RULES), Err(PipelineError::Parse(_))), "{text}");
        }
    }
}
