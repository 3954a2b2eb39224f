//! What behaviours say about the errors that they get back. Not for: making them.

use parcae_sdk::{Error, Result, failed, info};

/// Ends well when a call was refused, whatever the error.
pub fn refused<T>(what: &str, got: std::result::Result<T, Error>) -> Result<()> {
    refused_as(what, got, |_| true)
}

/// Ends well when a call was refused with an error that `fits`.
pub fn refused_as<T>(what: &str, got: std::result::Result<T, Error>, fits: fn(&Error) -> bool) -> Result<()> {
    match got {
        Err(Error::Canceled) => Err(Error::Canceled.into()),
        Err(error) if fits(&error) => {
            info!("{what}: {error:?}");
            Ok(())
        }
        Err(error) => Err(failed(format!("expected another error: {what}: {error:?}"))),
        Ok(_) => Err(failed(format!("expected an error: {what}"))),
    }
}

/// Repeats a call until the limit called `limit` is reached, which is the good end; with `amount` > 0 at most so often,
/// which is a good end too.
pub fn until_limit(
    limit: &str,
    amount: u64,
    mut call: impl FnMut(u64) -> std::result::Result<(), Error>,
) -> Result<()> {
    let most = if amount == 0 { u64::MAX } else { amount };
    for done in 0..most {
        match call(done) {
            Ok(()) => {}
            Err(Error::Limit(reached)) if reached.name == limit => {
                info!("limit {limit} after {done} calls: {}", reached.message);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_the_good_end() {
        assert!(refused::<()>("a call", Err(Error::Invalid("no".to_owned()))).is_ok());
        assert!(refused("a call", Ok(1)).is_err_and(|failure| failure.message.contains("expected an error")));
        let denied = |error: &Error| matches!(error, Error::Denied(_));
        assert!(refused_as::<()>("a call", Err(Error::Invalid("no".to_owned())), denied).is_err());
    }

    #[test]
    fn repeats_end_at_the_amount_or_with_the_error() {
        let mut calls = 0;
        let count = |_| {
            calls += 1;
            Ok(())
        };
        assert!(until_limit("handles", 3, count).is_ok());
        assert_eq!(calls, 3);
        assert!(until_limit("handles", 3, |_| Err(Error::Canceled)).is_err());
    }
}
