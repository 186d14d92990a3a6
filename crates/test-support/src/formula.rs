//! Weights and pixels from a formula: the same bits as `tools/exporter/formula.py`, which defines it.

fn seed(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

fn bits(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn unit(seed: u64, index: u64) -> f32 {
    ((bits(seed, index) >> 40) as i32 - (1 << 23)) as f32 * (1.0 / 8_388_608.0)
}

fn offset_and_scale(name: &str, shape: &[usize]) -> (f32, f32) {
    if name.ends_with(".running_var") {
        return (1.0, 0.5);
    }
    if shape.len() == 1 && name.ends_with(".weight") {
        return (1.0, 0.25);
    }
    if shape.len() <= 1 {
        return (0.0, 0.125);
    }
    let fan_in: usize = shape[1..].iter().product();
    let exponent = (0..).find(|&exponent| 4usize.pow(exponent) >= fan_in).unwrap();
    (0.0, 2f32.powi(1 - exponent as i32))
}

/// One value of a tensor.
pub fn weight(name: &str, shape: &[usize], index: u64) -> f32 {
    let (offset, scale) = offset_and_scale(name, shape);
    offset + scale * unit(seed(name), index)
}

/// All values of a tensor, row-major.
pub fn weights(name: &str, shape: &[usize]) -> Vec<f32> {
    let (offset, scale) = offset_and_scale(name, shape);
    let seed = seed(name);
    let count: usize = shape.iter().product();
    (0..count as u64).map(|index| offset + scale * unit(seed, index)).collect()
}

/// One value of formula image `n`.
pub fn pixel(n: u64, channel: u64, y: u64, x: u64, side: u64) -> f32 {
    let blocks = side.div_ceil(28);
    2.0 * unit(seed("blocks"), ((n * 3 + channel) * blocks + y / 28) * blocks + x / 28)
        + 0.5 * unit(seed("noise"), ((n * 3 + channel) * side + y) * side + x)
}

/// Formula image `n`, normalized pixels `[3, side, side]`.
pub fn image(n: u64, side: u64) -> Vec<f32> {
    let mut out = Vec::with_capacity((3 * side * side) as usize);
    for channel in 0..3 {
        for y in 0..side {
            out.extend((0..side).map(|x| pixel(n, channel, y, x, side)));
        }
    }
    out
}
