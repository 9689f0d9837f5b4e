//! The sheet and the scripts, embedded. All of them stand in one folder whose name is the digest of everything in it, so
//! a browser may keep them for ever and a module finds its neighbour by a relative name.

use std::{borrow::Cow, collections::BTreeMap, io::Write as _, sync::LazyLock};

use flate2::{Compression, write::GzEncoder};
use rust_embed::Embed;
use sha2::{Digest as _, Sha256};

/// Our own sources, as they are checked in.
#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// The first of the sheets: it names the layers that the others fill.
const FIRST_SHEET: &str = "console.css";

/// One thing a browser loads.
#[derive(Debug, Clone)]
pub struct Asset {
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
    /// The same, compressed (RFC 1952).
    pub gzip: Vec<u8>,
}

/// What browsers load, by name, and the digest of it all.
#[derive(Debug)]
struct Shelf {
    digest: String,
    assets: BTreeMap<String, Asset>,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(Shelf::fill);

impl Shelf {
    fn fill() -> Self {
        let mut sheets: Vec<String> = names(".css");
        // console.css first, the others by name: layers keep the cascade independent of that order.
        sheets.sort_by_key(|name| (name != FIRST_SHEET, name.clone()));
        let sheet: Vec<u8> = sheets.iter().flat_map(|name| read(name)).collect();
        let mut assets = BTreeMap::from([(FIRST_SHEET.to_owned(), Asset::new("text/css", sheet))]);
        for name in names(".js") {
            let bytes = read(&name);
            assets.insert(name, Asset::new("text/javascript", bytes));
        }
        let mut hasher = Sha256::new();
        for (name, asset) in &assets {
            hasher.update(name);
            hasher.update(&asset.bytes);
        }
        let digest = hasher.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { digest, assets }
    }
}

impl Asset {
    fn new(media_type: &'static str, bytes: Vec<u8>) -> Self {
        let gzip = gzip(&bytes, Compression::best());
        Self { media_type, bytes, gzip }
    }
}

fn names(ending: &str) -> Vec<String> {
    Files::iter().map(Cow::into_owned).filter(|name| name.ends_with(ending)).collect()
}

fn read(name: &str) -> Vec<u8> {
    Files::get(name).map(|file| file.data.into_owned()).unwrap_or_default()
}

/// Compresses a page that was made for one request.
#[must_use]
pub fn gzip_page(html: &str) -> Vec<u8> {
    gzip(html.as_bytes(), Compression::fast())
}

fn gzip(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), level);
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes what is written to it")
}

/// The path of an asset, as pages name it.
#[must_use]
pub fn path(name: &str) -> String {
    format!("/assets/{}/{name}", SHELF.digest)
}

/// The asset of this digest and name; one of an older build is gone.
#[must_use]
pub fn find(digest: &str, name: &str) -> Option<&'static Asset> {
    (digest == SHELF.digest).then(|| SHELF.assets.get(name))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sheet_and_our_modules_are_served_under_one_digest() {
        let sheet = path("console.css");
        let (digest, name) = sheet.trim_start_matches("/assets/").split_once('/').unwrap();
        let found = find(digest, name).unwrap();
        assert!(found.bytes.starts_with(b"/* Badgecast console."), "console.css comes first");
        assert!(found.gzip.len() < found.bytes.len());
        assert!(find("0000000000000000", name).is_none());
        assert!(find(digest, "../Cargo.toml").is_none());
    }

    #[test]
    fn all_scripts_together_are_small() {
        let scripts = SHELF.assets.iter().filter(|(name, _)| name.ends_with(".js"));
        let bytes: usize = scripts.map(|(_, asset)| asset.gzip.len()).sum();
        assert!(bytes <= 15 * 1024, "{bytes} bytes of script");
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for (name, asset) in &SHELF.assets {
            let text = String::from_utf8_lossy(&asset.bytes);
            assert!(!text.contains("http://") && !text.contains("https://"), "{name}");
        }
    }
}
