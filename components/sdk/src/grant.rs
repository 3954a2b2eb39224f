//! What a module may ask for beyond the contract. Not for: getting it, which the operator of a node decides.

/// Something beyond the contract; a description has its name: `grants: vec![Grant::OpenTable.into()]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Read the one file that was uploaded with the job.
    UploadedFile,
    /// Open a table of the tenant by namespace and name, or as an output of a job.
    OpenTable,
    /// Make a table of the tenant by namespace and name.
    PublishTable,
    /// Put one file out on the site's disk.
    ExportFile,
    /// The real wall clock.
    Clock,
    /// Randomness of the operating system.
    Randomness,
    /// A directory of the attempt's own, `/scratch`, for files that go when it ends.
    Scratch,
    /// More messages than a component that did not come with the node may send otherwise.
    MessageVolume,
}

impl From<Grant> for String {
    fn from(grant: Grant) -> String {
        let name = match grant {
            Grant::UploadedFile => "uploaded-file",
            Grant::OpenTable => "open-table",
            Grant::PublishTable => "publish-table",
            Grant::ExportFile => "export-file",
            Grant::Clock => "clock",
            Grant::Randomness => "randomness",
            Grant::Scratch => "scratch",
            Grant::MessageVolume => "message-volume",
        };
        name.into()
    }
}
