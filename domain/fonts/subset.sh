#!/bin/sh
# Cuts the outline fonts to the scripts they are here for. Needs fonttools 4 (pip install fonttools).
#   subset.sh NOTO     NOTO is usr/share/fonts/truetype/noto of Debian's fonts-noto-core 20201225-1
set -eu
here=$(dirname "$0")
cut() {
    pyftsubset "$1/$2.ttf" --unicodes="$3" --layout-features='*' --no-hinting --desubroutinize --notdef-outline \
        --drop-tables+=DSIG --name-IDs='0,1,2,7,13,14' --no-recalc-timestamp --output-file="$here/$4.ttf"
}
cut "$1" NotoKufiArabic-Regular 'U+0600-06FF,U+0750-077F,U+200C-200D,U+25CC' arabic
cut "$1" NotoLoopedThai-Regular 'U+0E00-0E7F,U+200C-200D,U+25CC' thai
cut "$1" NotoSansDevanagari-Regular 'U+0900-097F,U+200C-200D,U+25CC' devanagari
