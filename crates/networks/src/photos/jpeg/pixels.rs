//! From samples to RGB: the channels at the size of the picture, and their colors.
//!
//! Owns the arithmetic of upsampling and colors, with the bits of libjpeg-turbo ("fancy" upsampling: a triangle filter) and of
//! Pillow's conversion of inks. Must not know coefficients.

use super::header::{Colors, Component, Frame};

/// The samples of two rows of units of one channel: what the rows of pixels between them need.
pub(super) struct Plane {
    pub(super) stride: usize,
    /// Sample row `y` is row `y % rows`.
    rows: usize,
    samples: Vec<u8>,
}

impl Plane {
    pub(super) fn new(component: &Component) -> Self {
        let (stride, rows) = (component.blocks_across * 8, component.down * 16);
        Self { stride, rows, samples: vec![0; stride * rows] }
    }

    /// The samples from the block at `column` and `row` on.
    #[inline(always)]
    pub(super) fn block(&mut self, column: usize, row: usize) -> &mut [u8] {
        &mut self.samples[row * 8 % self.rows * self.stride + column * 8..]
    }

    #[inline(always)]
    fn row(&self, y: usize) -> &[u8] {
        let start = y % self.rows * self.stride;
        &self.samples[start..start + self.stride]
    }
}

/// How a channel gets to the size of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upsampling {
    None,
    Across,
    Down,
    Both,
    /// Each sample so many times, across and down.
    Repeat(usize, usize),
}

impl Upsampling {
    fn of(component: &Component, frame: &Frame) -> Self {
        match (frame.most_across / component.across, frame.most_down / component.down) {
            (1, 1) => Self::None,
            // There is no triangle filter for two samples.
            (2, 1) if component.width > 2 => Self::Across,
            (1, 2) => Self::Down,
            (2, 2) if component.width > 2 => Self::Both,
            (across, down) => Self::Repeat(across, down),
        }
    }
}

/// A channel's samples, at the size of the picture, for one row of pixels.
struct Line {
    upsampling: Upsampling,
    width: usize,
    height: usize,
    samples: Vec<u8>,
    /// Sums of two rows.
    sums: Vec<u16>,
}

/// Turns samples into rows of RGB pixels.
pub(super) struct Painter {
    colors: Colors,
    width: usize,
    lines: Vec<Line>,
}

impl Painter {
    pub(super) fn new(frame: &Frame, colors: Colors) -> Self {
        let line = |component: &Component| Line {
            upsampling: Upsampling::of(component, frame),
            width: component.width,
            height: component.height,
            samples: vec![0; frame.units_across * frame.most_across * 8],
            sums: vec![0; component.width],
        };
        Self { colors, width: frame.width, lines: frame.components.iter().map(line).collect() }
    }

    /// Row `y` of the picture.
    #[inline(always)]
    pub(super) fn row(&mut self, store: impl Store, planes: &[Plane], y: usize, rgb_row: &mut [u8]) {
        for (line, plane) in self.lines.iter_mut().zip(planes) {
            line.fill(plane, y);
        }
        let row = |index: usize| {
            let line: &Line = &self.lines[index];
            let samples =
                if line.upsampling == Upsampling::None { planes[index].row(y) } else { &line.samples };
            &samples[..self.width]
        };
        match self.colors {
            Colors::Gray => {
                for (pixel, &value) in rgb_row.chunks_exact_mut(3).zip(row(0)) {
                    pixel.copy_from_slice(&[value; 3]);
                }
            }
            Colors::Rgb => {
                for (((pixel, &r), &g), &b) in rgb_row.chunks_exact_mut(3).zip(row(0)).zip(row(1)).zip(row(2))
                {
                    pixel.copy_from_slice(&[r, g, b]);
                }
            }
            Colors::Ycc => {
                let (y, cb, cr) = (row(0), row(1), row(2));
                let groups = y.chunks_exact(GROUP).zip(cb.chunks_exact(GROUP)).zip(cr.chunks_exact(GROUP));
                let mut done = 0;
                for ((y, cb), cr) in groups {
                    let Some(out) = rgb_row.get_mut(3 * done..3 * done + ROOM) else { break };
                    let mut packed = [0; GROUP];
                    for (((packed, &y), &cb), &cr) in packed.iter_mut().zip(y).zip(cb).zip(cr) {
                        let [r, g, b] = ycc(y, cb, cr);
                        *packed = u32::from(r) | u32::from(g) << 8 | u32::from(b) << 16;
                    }
                    store.store(&packed, out);
                    done += GROUP;
                }
                let pixels = rgb_row[3 * done..].chunks_exact_mut(3);
                for (((pixel, &y), &cb), &cr) in pixels.zip(&y[done..]).zip(&cb[done..]).zip(&cr[done..]) {
                    pixel.copy_from_slice(&ycc(y, cb, cr));
                }
            }
            Colors::Cmyk => {
                for ((((pixel, &c), &m), &y), &k) in
                    rgb_row.chunks_exact_mut(3).zip(row(0)).zip(row(1)).zip(row(2)).zip(row(3))
                {
                    pixel.copy_from_slice(&[c, m, y].map(|ink| over_black(ink, k)));
                }
            }
            Colors::Ycck => {
                for ((((pixel, &y), &cb), &cr), &k) in
                    rgb_row.chunks_exact_mut(3).zip(row(0)).zip(row(1)).zip(row(2)).zip(row(3))
                {
                    pixel.copy_from_slice(&ycc(y, cb, cr).map(|ink| over_black(255 - ink, k)));
                }
            }
        }
    }
}

/// Pixels that are computed together.
const GROUP: usize = 16;
/// Bytes that storing them may touch: four more than they have.
const ROOM: usize = 3 * GROUP + 4;

/// How red, green and blue get from numbers of 32 bits to bytes that lie together; compilers do it one by one.
pub(super) trait Store: Copy {
    /// `out` has `ROOM` bytes; what stands behind the pixels is lost.
    fn store(self, packed: &[u32; GROUP], out: &mut [u8]);
}

impl Store for pulp::Scalar {
    #[inline(always)]
    fn store(self, packed: &[u32; GROUP], out: &mut [u8]) {
        for (pixel, packed) in out.chunks_exact_mut(3).zip(packed) {
            pixel.copy_from_slice(&packed.to_le_bytes()[..3]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Store for pulp::x86::V3 {
    #[inline(always)]
    fn store(self, packed: &[u32; GROUP], out: &mut [u8]) {
        use std::arch::x86_64::__m128i;
        // 128 and above gives zero.
        const ORDER: [u8; 16] = [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 128, 128, 128, 128];
        for (number, four) in packed.as_chunks::<4>().0.iter().enumerate() {
            let four = self.ssse3._mm_shuffle_epi8(pulp::cast::<_, __m128i>(*four), pulp::cast(ORDER));
            out[12 * number..12 * number + 16].copy_from_slice(&pulp::cast::<_, [u8; 16]>(four));
        }
    }
}

/// ITU-R BT.601 with the full range, in fixed point with 16 fractional bits, as libjpeg rounds it.
#[inline(always)]
fn ycc(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    // 1.402, 0.34414, 0.71414 and 1.772.
    let r = y + ((91_881 * cr + HALF) >> 16);
    let g = y + ((-22_554 * cb - 46_802 * cr + HALF) >> 16);
    let b = y + ((116_130 * cb + HALF) >> 16);
    [r, g, b].map(|value| value.clamp(0, 255) as u8)
}

/// A color of which black ink leaves `k` of 255; both as Adobe stores them, 255 for no ink.
#[inline(always)]
fn over_black(ink: u8, k: u8) -> u8 {
    let product = u32::from(255 - ink) * u32::from(k) + 128;
    k.saturating_sub((((product >> 8) + product) >> 8) as u8)
}

impl Line {
    /// The samples for row `y` of the picture.
    #[inline(always)]
    fn fill(&mut self, plane: &Plane, y: usize) {
        // The row of samples beside row `y / 2`, on the side where `y` is.
        let beside = |y: usize| {
            if y.is_multiple_of(2) { (y / 2).saturating_sub(1) } else { (y / 2 + 1).min(self.height - 1) }
        };
        let width = self.width;
        match self.upsampling {
            Upsampling::None => {}
            Upsampling::Across => {
                let row = &plane.row(y)[..width];
                let out = &mut self.samples[..2 * width];
                for (pair, around) in out[2..].chunks_exact_mut(2).zip(row.windows(3)) {
                    let [before, here, after] = [0, 1, 2].map(|place| u16::from(around[place]));
                    pair[0] = ((3 * here + before + 1) >> 2) as u8;
                    pair[1] = ((3 * here + after + 2) >> 2) as u8;
                }
                let edge =
                    |near: u8, far: u8, half: u16| ((3 * u16::from(near) + u16::from(far) + half) >> 2) as u8;
                (out[0], out[1]) = (row[0], edge(row[0], row[1], 2));
                let end = width - 1;
                (out[2 * end], out[2 * end + 1]) = (edge(row[end], row[end - 1], 1), row[end]);
            }
            Upsampling::Down => {
                let half = 1 + (y % 2) as u16;
                let (near, far) = (plane.row(y / 2), plane.row(beside(y)));
                for ((out, &near), &far) in self.samples.iter_mut().zip(near).zip(far) {
                    *out = ((3 * u16::from(near) + u16::from(far) + half) >> 2) as u8;
                }
            }
            Upsampling::Both => {
                let (near, far) = (plane.row(y / 2), plane.row(beside(y)));
                let sums = &mut self.sums[..width];
                for ((sum, &near), &far) in sums.iter_mut().zip(near).zip(far) {
                    *sum = 3 * u16::from(near) + u16::from(far);
                }
                let out = &mut self.samples[..2 * width];
                for (pair, around) in out[2..].chunks_exact_mut(2).zip(sums.windows(3)) {
                    pair[0] = ((3 * around[1] + around[0] + 8) >> 4) as u8;
                    pair[1] = ((3 * around[1] + around[2] + 7) >> 4) as u8;
                }
                let end = width - 1;
                out[0] = ((4 * sums[0] + 8) >> 4) as u8;
                out[1] = ((3 * sums[0] + sums[1] + 7) >> 4) as u8;
                out[2 * end] = ((3 * sums[end] + sums[end - 1] + 8) >> 4) as u8;
                out[2 * end + 1] = ((4 * sums[end] + 7) >> 4) as u8;
            }
            Upsampling::Repeat(across, down) => {
                let row = plane.row(y / down);
                for (out, &sample) in self.samples.chunks_exact_mut(across).zip(row) {
                    out.fill(sample);
                }
            }
        }
    }
}
