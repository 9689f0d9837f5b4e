//! JSON objects, and nothing that could pass for one.
//!
//! serde reads a struct from an array too, field by field: `[true]` would be an audience of everyone. Whoever sends a
//! list where an object belongs has made a mistake that must not announce anything.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// A `T` that was written as a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Only<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Only<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(Only(PhantomData)).map(Self)
    }
}

/// For `#[serde(deserialize_with)]`: one object.
///
/// # Errors
/// Anything else.
pub fn one<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|Object(value)| value)
}

/// For `#[serde(deserialize_with)]`: an object or null.
///
/// # Errors
/// Anything else.
pub fn maybe<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|Object(value)| value))
}

/// For `#[serde(deserialize_with)]`: a list of objects.
///
/// # Errors
/// Anything else.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Vec::<Object<T>>::deserialize(deserializer)?.into_iter().map(|Object(value)| value).collect())
}

/// For `#[serde(deserialize_with)]`: a list of objects, or null.
///
/// # Errors
/// Anything else.
pub fn maybe_list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let list = Option::<Vec<Object<T>>>::deserialize(deserializer)?;
    Ok(list.map(|list| list.into_iter().map(|Object(value)| value).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{announcement::AudienceForm, display::DocumentForm};

    #[test]
    fn a_list_is_no_object() {
        assert!(serde_json::from_str::<Object<AudienceForm>>("[true]").is_err());
        assert!(serde_json::from_str::<Object<AudienceForm>>(r#"{"all":true}"#).is_ok());
        for wrong in [
            r#"{"messages":[["a"]]}"#,
            r#"{"messages":[{"segments":[["a"]]}]}"#,
            r#"{"messages":[{"segments":[{"image":[8,1,"AA=="]}]}]}"#,
        ] {
            assert!(serde_json::from_str::<Object<DocumentForm>>(wrong).is_err(), "{wrong}");
        }
    }
}
