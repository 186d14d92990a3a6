//! Whether two spaces find the same items similar: unbiased CKA, RSA and mutual k-NN, each with the share of caption orders
//! that do as well.
//!
//! Owns the three statistics and their permutation test. Each compares two `[n, n]` similarity matrices,
//! never vectors of different spaces.

use rayon::prelude::*;

use super::options::Options;
use super::result::MutualKnn;
use crate::error::AnalysisError;
use crate::matrix::Matrix;
use crate::random::{Purpose, Random};
use crate::similarity::similarity;
use crate::vectors::Vectors;

/// A statistic and its p-value; neither when it is not defined.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Tested {
    pub value: Option<f64>,
    pub p: Option<f64>,
}

pub(super) struct Aligned {
    pub cka: Tested,
    pub rsa: Tested,
    pub mutual_knn: Option<MutualKnn>,
}

/// Compares the structure of `x`, `[n, any dim]`, and `y`, `[n, any other dim]`, whose rows are pairs.
pub(super) fn align(x: &Vectors, y: &Vectors, options: &Options) -> Result<Aligned, AnalysisError> {
    let n = x.rows();
    let (x, y) = (similarity(x, x)?, similarity(y, y)?);
    let cka = Correlation::new(u_centered(&x), u_centered(&y), n);
    let rsa = Correlation::new(centered_ranks(&x), centered_ranks(&y), n);
    let k = options.neighbors.min(n.saturating_sub(1));
    let knn = (k > 0).then(|| Neighbors { x: memberships(&x, k), y: dense(&memberships(&y, k)), n, k });

    let identity: Vec<usize> = (0..n).collect();
    let observe = |order: &[usize]| {
        [
            cka.as_ref().map(|cka| cka.value(order)),
            rsa.as_ref().map(|rsa| rsa.value(order)),
            knn.as_ref().map(|knn| knn.value(order)),
        ]
    };
    let observed = observe(&identity);
    let at_least: Vec<[bool; 3]> = (0..options.permutations)
        .into_par_iter()
        .map(|index| {
            let order = Random::stream(options.seed, Purpose::Permutations, index as u64).permutation(n);
            let permuted = observe(&order);
            [0, 1, 2].map(|statistic| match (permuted[statistic], observed[statistic]) {
                // The same sum in another order of terms is equal up to rounding.
                (Some(permuted), Some(observed)) => permuted >= observed - 1e-12,
                _ => false,
            })
        })
        .collect();
    let p = |statistic: usize| {
        observed[statistic]?;
        let count = at_least.iter().filter(|at_least| at_least[statistic]).count();
        // The true order is one of the orders (Phipson & Smyth 2010): p is never 0.
        (options.permutations > 0).then(|| (count + 1) as f64 / (options.permutations + 1) as f64)
    };
    Ok(Aligned {
        cka: Tested { value: observed[0], p: p(0) },
        rsa: Tested { value: observed[1], p: p(1) },
        mutual_knn: observed[2].map(|value| MutualKnn {
            k,
            value,
            chance: k as f64 / (n - 1) as f64,
            p: p(2),
        }),
    })
}

/// Two symmetric matrices with zero diagonals, and the product of their norms.
struct Correlation {
    x: Vec<f64>,
    y: Vec<f64>,
    n: usize,
    lengths: f64,
}

impl Correlation {
    /// `None` when either matrix is missing, or zero up to rounding, as it is for equal vectors.
    fn new(x: Option<Vec<f64>>, y: Option<Vec<f64>>, n: usize) -> Option<Self> {
        let (x, y) = (x?, y?);
        let length = |matrix: &[f64]| {
            let squares: f64 = matrix.iter().map(|value| value * value).sum();
            // Half of the squares: the sums below run over i < j.
            (squares > (n * n) as f64 * 1e-24).then(|| (squares / 2.0).sqrt())
        };
        let lengths = length(&x)? * length(&y)?;
        Some(Self { x, y, n, lengths })
    }

    /// Their correlation with the items of `y` in `order`.
    fn value(&self, order: &[usize]) -> f64 {
        let n = self.n;
        let mut sum = 0.0;
        for i in 0..n {
            let (x, y) = (&self.x[i * n..(i + 1) * n], &self.y[order[i] * n..(order[i] + 1) * n]);
            let mut row = 0.0;
            for j in i + 1..n {
                row += x[j] * y[order[j]];
            }
            sum += row;
        }
        (sum / self.lengths).clamp(-1.0, 1.0)
    }
}

/// The U-centered matrix, `[n, n]` with zero diagonal: the inner product of two of them, divided by n(n − 3),
/// is the unbiased HSIC (Song et al. 2012, equation 5, in the form of Székely & Rizzo 2014), so that their
/// correlation is the unbiased CKA. `None` below four items.
fn u_centered(similarity: &Matrix) -> Option<Vec<f64>> {
    let n = similarity.rows();
    if n < 4 {
        return None;
    }
    let mut row_sums = vec![0.0f64; n];
    for (i, sum) in row_sums.iter_mut().enumerate() {
        let row = similarity.row(i).iter().enumerate();
        *sum = row.filter(|&(j, _)| j != i).map(|(_, &cosine)| f64::from(cosine)).sum();
    }
    let total: f64 = row_sums.iter().sum();
    let grand = total / ((n - 1) * (n - 2)) as f64;
    let mut centered = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            if i != j {
                let cosine = f64::from(similarity.get(i, j));
                centered[i * n + j] = cosine - (row_sums[i] + row_sums[j]) / (n - 2) as f64 + grand;
            }
        }
    }
    Some(centered)
}

/// Ranks of the upper triangle (the mean rank for equal cosines), less their mean, as a symmetric matrix: the
/// correlation of two of them is Spearman's. `None` below three items.
fn centered_ranks(similarity: &Matrix) -> Option<Vec<f64>> {
    let n = similarity.rows();
    if n < 3 {
        return None;
    }
    let mut cells: Vec<(f32, usize, usize)> =
        (0..n).flat_map(|i| (i + 1..n).map(move |j| (similarity.get(i, j), i, j))).collect();
    cells.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let middle = (cells.len() + 1) as f64 / 2.0;
    let mut ranks = vec![0.0; n * n];
    let mut before = 0usize;
    for tied in cells.chunk_by(|a, b| a.0 == b.0) {
        let rank = before as f64 + (tied.len() + 1) as f64 / 2.0 - middle;
        for &(_, i, j) in tied {
            ranks[i * n + j] = rank;
            ranks[j * n + i] = rank;
        }
        before += tied.len();
    }
    Some(ranks)
}

/// For each item its k nearest others, each with a weight of 1, or less where several are tied for the last places.
type Memberships = Vec<Vec<(usize, f64)>>;

fn memberships(similarity: &Matrix, k: usize) -> Memberships {
    let others =
        |item: usize| similarity.row(item).iter().copied().enumerate().filter(move |&(j, _)| j != item);
    (0..similarity.rows())
        .map(|item| {
            let mut cosines: Vec<f32> = others(item).map(|(_, cosine)| cosine).collect();
            let kth = *cosines.select_nth_unstable_by(k - 1, |a, b| b.total_cmp(a)).1;
            let nearer = others(item).filter(|&(_, cosine)| cosine > kth).count();
            let tied = others(item).filter(|&(_, cosine)| cosine == kth).count();
            let place = (k - nearer) as f64 / tied as f64;
            let held = others(item).filter(|&(_, cosine)| cosine >= kth);
            held.map(|(j, cosine)| (j, if cosine > kth { 1.0 } else { place })).collect()
        })
        .collect()
}

fn dense(memberships: &Memberships) -> Vec<f64> {
    let n = memberships.len();
    let mut matrix = vec![0.0; n * n];
    for (i, held) in memberships.iter().enumerate() {
        for &(j, place) in held {
            matrix[i * n + j] = place;
        }
    }
    matrix
}

struct Neighbors {
    x: Memberships,
    y: Vec<f64>,
    n: usize,
    k: usize,
}

impl Neighbors {
    /// Mean overlap of the neighbors with the items of `y` in `order`.
    fn value(&self, order: &[usize]) -> f64 {
        let mut shared = 0.0;
        for (i, held) in self.x.iter().enumerate() {
            let y = &self.y[order[i] * self.n..(order[i] + 1) * self.n];
            shared += held.iter().map(|&(j, place)| place * y[order[j]]).sum::<f64>();
        }
        shared / (self.n * self.k) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(random: &mut Random, n: usize, dim: usize) -> Vectors {
        let mut noise =
            || (0..12).map(|_| (random.next() >> 11) as f64 / (1u64 << 53) as f64).sum::<f64>() - 6.0;
        let rows: Vec<Vec<f32>> = (0..n).map(|_| (0..dim).map(|_| noise() as f32).collect()).collect();
        Vectors::from_rows(dim, rows.iter().map(Vec::as_slice)).unwrap()
    }

    /// Song et al. 2012, equation 5, written as it stands there.
    fn hsic(k: &Matrix, l: &Matrix) -> f64 {
        let n = k.rows();
        let zeroed = |m: &Matrix, i: usize, j: usize| if i == j { 0.0 } else { f64::from(m.get(i, j)) };
        let (mut trace, mut sum_k, mut sum_l, mut product) = (0.0, 0.0, 0.0, 0.0);
        for i in 0..n {
            for j in 0..n {
                trace += zeroed(k, i, j) * zeroed(l, j, i);
                sum_k += zeroed(k, i, j);
                sum_l += zeroed(l, i, j);
                for m in 0..n {
                    product += zeroed(k, i, m) * zeroed(l, m, j);
                }
            }
        }
        let n = n as f64;
        (trace + sum_k * sum_l / ((n - 1.0) * (n - 2.0)) - 2.0 / (n - 2.0) * product) / (n * (n - 3.0))
    }

    #[test]
    fn cka_is_the_published_estimator() {
        let mut random = Random::new(5);
        let (x, y) = (vectors(&mut random, 12, 6), vectors(&mut random, 12, 9));
        let (k, l) = (similarity(&x, &x).unwrap(), similarity(&y, &y).unwrap());
        let expected = hsic(&k, &l) / (hsic(&k, &k) * hsic(&l, &l)).sqrt();
        let found = align(&x, &y, &Options { permutations: 0, ..Options::default() }).unwrap();
        assert!((found.cka.value.unwrap() - expected).abs() < 1e-9);
        assert_eq!(found.cka.p, None);
    }

    #[test]
    fn a_space_agrees_with_itself() {
        let x = vectors(&mut Random::new(6), 15, 8);
        let found = align(&x, &x, &Options { permutations: 199, ..Options::default() }).unwrap();
        let knn = found.mutual_knn.unwrap();
        for (value, p) in
            [(found.cka.value, found.cka.p), (found.rsa.value, found.rsa.p), (Some(knn.value), knn.p)]
        {
            assert!((value.unwrap() - 1.0).abs() < 1e-12);
            assert_eq!(p, Some(0.005));
        }
    }

    #[test]
    fn equal_vectors_have_no_geometry_and_neighbors_by_chance() {
        let same = Vectors::from_rows(2, [[1.0f32, 2.0].as_slice(); 9]).unwrap();
        let other = vectors(&mut Random::new(7), 9, 4);
        let found = align(&same, &other, &Options::default()).unwrap();
        assert_eq!((found.cka, found.rsa), (Tested::default(), Tested::default()));
        let knn = found.mutual_knn.unwrap();
        assert!((knn.value - knn.chance).abs() < 1e-12);
        assert_eq!(knn.p, Some(1.0));
    }

    #[test]
    fn too_few_items_are_not_defined() {
        let mut random = Random::new(8);
        for n in 0..5 {
            let (x, y) = (vectors(&mut random, n, 3), vectors(&mut random, n, 5));
            let found = align(&x, &y, &Options::default()).unwrap();
            assert_eq!(found.cka.value.is_some(), n >= 4);
            assert_eq!(found.rsa.value.is_some(), n >= 3);
            assert_eq!(found.mutual_knn.map(|knn| knn.k), [None, None, Some(1), Some(2), Some(3)][n]);
        }
    }
}
