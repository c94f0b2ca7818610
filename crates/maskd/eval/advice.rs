use maskd_eval::EvalError;

use crate::exit::{Advice, Code};

impl Advice for EvalError {
    fn code(&self) -> Code {
        match self {
            Self::NoSuchSequence { .. } => Code::Usage,
            _ => Code::RunTime,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Folder { .. } => "check the path and its permissions",
            Self::Layout { .. } | Self::NoSequences { .. } => {
                "give the folder that holds JPEGImages/SEQUENCE/00000.jpg and Annotations/SEQUENCE/00000.png, or scene://"
            }
            Self::NoSuchSequence { .. } => "the names are those of the folders in JPEGImages",
            Self::Name { .. } | Self::NoFrame { .. } => {
                "frames, annotations and masks that belong together have one number as their name, such as 00012"
            }
            Self::NoObject { .. } => "tracks begin on the first annotation: paint objects in it, or leave the sequence out",
            Self::NoMask { .. } => "every frame with an annotation but the first and the last needs a mask",
            Self::Mask { source, .. } => source.help(),
            Self::Size { .. } => "write masks at the size of the annotations",
            _ => "check the data set",
        }
        .into()
    }
}
