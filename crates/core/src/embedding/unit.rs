//! The things that are embedded.

/// A photo or a caption, by its index in the data set.
///
/// Photos and captions are counted separately, in the order of the data set; captions are numbered across photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// Index among the photos.
    Photo(usize),
    /// Index among all captions.
    Caption(usize),
    /// Index among the null captions, which belong to no photo.
    NullCaption(usize),
}
