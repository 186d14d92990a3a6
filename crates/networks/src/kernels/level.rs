//! Which vector instructions the kernels run with.
//!
//! The kernels are written once, over `pulp::Simd`, and compiled for every level. The level is chosen at run time.

#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};
use pulp::{Scalar, Simd, WithSimd};

/// A set of vector instructions that this machine has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Level {
    /// AVX-512.
    #[cfg(target_arch = "x86_64")]
    Avx512(V4),
    /// AVX2 with FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2(V3),
    /// No vector instructions beyond what the compiler uses.
    Scalar,
}

impl Level {
    /// All levels of this machine, the widest first.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Self> {
        let mut levels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(V4::try_new().map(Self::Avx512));
            levels.extend(V3::try_new().map(Self::Avx2));
        }
        levels.push(Self::Scalar);
        levels
    }

    /// The widest level of this machine.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(simd) = V4::try_new() {
                return Self::Avx512(simd);
            }
            if let Some(simd) = V3::try_new() {
                return Self::Avx2(simd);
            }
        }
        Self::Scalar
    }

    /// Runs `kernel` compiled for this level. Everything that the kernel calls must be `inline(always)`.
    pub(crate) fn run<K: WithSimd>(self, kernel: K) -> K::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(simd) => Simd::vectorize(simd, kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(simd) => Simd::vectorize(simd, kernel),
            Self::Scalar => Simd::vectorize(Scalar, kernel),
        }
    }

    /// The instructions' name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "AVX2",
            Self::Scalar => "scalar",
        }
    }

    /// Number of 32-bit floats in a vector.
    pub(crate) fn lanes(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => V4::F32_LANES,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => V3::F32_LANES,
            Self::Scalar => Scalar::F32_LANES,
        }
    }
}
