//! TIFF files for tests, not compressed.

/// The tags and samples of a picture.
#[derive(Clone)]
pub struct Tiff {
    /// Each with its 16-bit values.
    tags: Vec<(u16, Vec<u16>)>,
    data: Vec<u8>,
    planes: usize,
}

impl Tiff {
    /// `photometric` says what the samples mean, `bits` how many each has.
    pub fn new(width: u16, height: u16, photometric: u16, bits: &[u16], data: Vec<u8>) -> Self {
        let tags = vec![
            (256, vec![width]),
            (257, vec![height]),
            (258, bits.to_vec()),
            (259, vec![1]),
            (262, vec![photometric]),
            (277, vec![bits.len() as u16]),
            (278, vec![height]),
        ];
        Self { tags, data, planes: 1 }
    }

    pub fn tag(mut self, tag: u16, values: &[u16]) -> Self {
        self.tags.push((tag, values.to_vec()));
        self
    }

    /// The samples stand in planes, one after the other.
    pub fn planes(mut self, count: usize) -> Self {
        self.planes = count;
        self.tag(284, &[2])
    }

    pub fn bytes(&self, big_endian: bool) -> Vec<u8> {
        let short = |value: u16| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let long = |value: usize| {
            if big_endian { (value as u32).to_be_bytes() } else { (value as u32).to_le_bytes() }
        };
        let mut out = if big_endian { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
        out.extend(long(8));
        // Offsets and lengths of the planes come after the other tags are known.
        let mut tags = self.tags.clone();
        tags.extend([(273, Vec::new()), (279, Vec::new())]);
        tags.sort();
        let mut behind = 8 + 2 + 12 * tags.len() + 4;
        let (mut entries, mut values) = (Vec::new(), Vec::new());
        let values_length: usize = tags
            .iter()
            .map(|(tag, list)| value_bytes(*tag, list, self.planes))
            .filter(|&length| length > 4)
            .sum();
        let data_at = behind + values_length;
        for (tag, list) in &tags {
            let piece = self.data.len() / self.planes;
            let (kind, field): (u16, Vec<u8>) = match tag {
                273 => (4, (0..self.planes).flat_map(|plane| long(data_at + plane * piece)).collect()),
                279 => (4, (0..self.planes).flat_map(|_| long(piece)).collect()),
                _ => (3, list.iter().flat_map(|&value| short(value)).collect()),
            };
            let count = field.len() / if kind == 4 { 4 } else { 2 };
            entries.extend([short(*tag).to_vec(), short(kind).to_vec(), long(count).to_vec()].concat());
            if field.len() > 4 {
                entries.extend(long(behind));
                behind += field.len();
                values.extend(field);
            } else {
                entries.extend(field.iter().copied().chain([0; 4]).take(4));
            }
        }
        out.extend(short(tags.len() as u16));
        out.extend(entries);
        out.extend(long(0));
        out.extend(values);
        out.extend(&self.data);
        out
    }
}

/// The length of a tag's values.
fn value_bytes(tag: u16, values: &[u16], planes: usize) -> usize {
    if matches!(tag, 273 | 279) { planes * 4 } else { values.len() * 2 }
}
