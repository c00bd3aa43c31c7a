//! Unpacks compressed RTF (MS-OXRTFCP).

/// What every text refers to from its start.
const PRESET: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
/// The text that can be referred to: the last 4,096 bytes.
const WINDOW: usize = 4_096;
const HEADER_BYTES: usize = 16;
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The RTF in `bytes`. Of a damaged text what comes before the damage, `None` if it is not compressed RTF at all.
pub(in crate::formats) fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    let length = length.min(MAX_BYTES);
    let packed = bytes.get(HEADER_BYTES..)?;
    match bytes.get(8..12)? {
        b"MELA" => Some(packed.get(..length).unwrap_or(packed).to_vec()),
        b"LZFu" => Some(unpack_references(packed, length)),
        _ => None,
    }
}

fn unpack_references(packed: &[u8], length: usize) -> Vec<u8> {
    let mut window = [b' '; WINDOW];
    for (slot, byte) in window.iter_mut().zip(PRESET) {
        *slot = *byte;
    }
    let mut at = PRESET.len();
    let mut unpacked = Vec::new();
    let mut packed = packed.iter().copied();
    while let Some(flags) = packed.next() {
        for bit in 0..8 {
            if unpacked.len() >= length {
                return unpacked;
            }
            let Some(byte) = packed.next() else { return unpacked };
            if flags & (1 << bit) == 0 {
                put(&mut window, &mut at, byte, &mut unpacked);
                continue;
            }
            let Some(low) = packed.next() else { return unpacked };
            let reference = usize::from(byte) << 8 | usize::from(low);
            let (from, count) = (reference >> 4, (reference & 0xf) + 2);
            // A reference to where the next byte goes ends the text.
            if from == at {
                return unpacked;
            }
            for offset in 0..count {
                let byte = window.get((from + offset) % WINDOW).copied().unwrap_or(b' ');
                put(&mut window, &mut at, byte, &mut unpacked);
            }
        }
    }
    unpacked
}

fn put(window: &mut [u8; WINDOW], at: &mut usize, byte: u8, unpacked: &mut Vec<u8>) {
    if let Some(slot) = window.get_mut(*at) {
        *slot = byte;
    }
    *at = (*at + 1) % WINDOW;
    unpacked.push(byte);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_are_unpacked() {
        // MS-OXRTFCP 3.1 and 3.2: one without, one with a reference to itself.
        let simple = b"\x2d\x00\x00\x00\x2b\x00\x00\x00LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125\x42\x32\x0a\xf3 hel\x09\x00 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        assert_eq!(unpack(simple).unwrap(), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let crossing =
            b"\x1a\x00\x00\x00\x1c\x00\x00\x00LZFu\xe2\xd4\x4b\x51\x41\x00\x04\x20WXYZ\x0d\x6e\x7d\x01\x0e\xb0";
        assert_eq!(unpack(crossing).unwrap(), b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
        assert_eq!(unpack(b"\0\0\0\0\x02\0\0\0MELA\0\0\0\0{}x").unwrap(), b"{}");
        assert_eq!(unpack(b"short"), None);
    }
}
