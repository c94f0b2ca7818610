//! Files in the container of `torch.save` that are damaged or mean harm.

use crate::containers::{ZipEntry, zip};
use crate::models::{Pt, pt_of_pickle};
use crate::pickles::Pickle;
use crate::{assert_problem, refused};
use maskd_model::checkpoint::Problem;

const TENSOR: &str = "no_mem_embed";

fn refused_pickle(pickle: Vec<u8>) -> Problem {
    refused(&pt_of_pickle(pickle)).0
}

#[test]
fn calls_are_refused_by_name_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let command = format!("touch {}", trace.display());
    let system = Pickle::new().global("posix", "system").op(b"(").text(&command).op(b"tR").end();
    let stacked = Pickle(vec![0x80, 4]).text("posix").text("system").op(b"\x93(").text(&command).op(b"tR").end();
    let object = Pickle::new().op(b"(").text(&command).op(b"iposix\nsystem\n").end();
    for pickle in [system, stacked, object] {
        assert_problem!(refused_pickle(pickle), Problem::RefusedGlobal { name } if name == "posix.system");
    }
    assert!(!trace.exists());
}

#[test]
fn other_globals_are_refused_by_name() {
    for (module, name) in [
        ("builtins", "eval"),
        ("__builtin__", "getattr"),
        ("torch", "load"),
        ("torch._utils", "_rebuild_sparse_tensor"),
        ("collections", "OrderedDict.fromkeys"),
        ("numpy.core.multiarray", "scalar"),
        ("evil\u{1b}[2J", "x"),
    ] {
        let (problem, _) = refused(&pt_of_pickle(Pickle::new().global(module, name).end()));
        let escaped: String = format!("{module}.{name}").chars().flat_map(char::escape_debug).collect();
        assert_problem!(problem, Problem::RefusedGlobal { name } if *name == escaped);
    }
}

#[test]
fn other_instructions_are_refused() {
    // Extension registry, object building, frozen sets, out-of-band buffers.
    for opcode in [0x82, 0x81, 0x92, 0x91, 0x97, b'o', b'S', b'I', 0xff] {
        let problem = refused_pickle(Pickle::new().op(&[opcode, 1, 1, 1]).end());
        assert_problem!(problem, Problem::RefusedOpcode { opcode: found, at: 2 } if *found == opcode);
    }
}

#[test]
fn allowed_functions_take_only_what_torch_gives_them() {
    let calls = [
        Pickle::new().global("collections", "OrderedDict").text("x").op(b"\x85R").end(),
        Pickle::new().global("torch._utils", "_rebuild_tensor_v2").op(b")R").end(),
        Pickle::new().global("torch", "FloatStorage").op(b")R").end(),
        Pickle::new().global("torch._utils", "_rebuild_parameter").op(b"}").op(b"NN\x87R").end(),
        Pickle::new().text("x").op(b")R").end(),
        Pickle::new().text("x").op(b"Q").end(),
        Pickle::new().text("x").op(b"}b").end(),
    ];
    for pickle in calls {
        assert_problem!(refused_pickle(pickle), Problem::Pickle { .. });
    }
}

#[test]
fn broken_programs_end_in_an_error() {
    let programs: [&[u8]; 12] = [
        b"",
        b"\x80\x02",
        b"\x80\x09.",
        b"\x80\x02.",
        b"\x80\x020.",
        b"\x80\x02}h\x05s.",
        b"\x80\x02}(Nu.",
        b"\x80\x02t.",
        b"\x80\x02NN.",
        b"\x80\x02}.}",
        b"\x80\x02X\xff\xff\xff\xffab.",
        b"\x80\x02\x8a\xff\x01.",
    ];
    for program in programs {
        let (problem, _) = refused(&pt_of_pickle(program.to_vec()));
        assert_problem!(problem, Problem::Pickle { .. } | Problem::RefusedOpcode { .. });
    }
}

#[test]
fn endless_growth_is_stopped() {
    let million = 1_000_000;
    let nested: Vec<u8> = [b")".as_slice(), &vec![0x85; million]].concat();
    let stacked = vec![b'N'; million];
    let marks = vec![b'('; million];
    let remembered: Vec<u8> =
        (0..600_000_u32).flat_map(|slot| [b"r".as_slice(), &slot.to_le_bytes()].concat()).collect();
    let remembered = [b"N".as_slice(), &remembered].concat();
    // Each is dropped by a list at once, so that only what the machine itself keeps grows.
    let tuples = [b"Nq\x00]".to_vec(), b"(h\x00h\x00h\x00ta".repeat(450_000)].concat();
    let bodies = [
        (nested, "makes more values"),
        (stacked, "stacks more values"),
        (marks, "nests deeper"),
        (remembered, "remembers more values"),
        (tuples, "makes more values"),
    ];
    for (body, needle) in bodies {
        let problem = refused_pickle(Pickle::new().op(&body).end());
        assert_problem!(problem, Problem::Pickle { reason, .. } if reason.contains(needle));
    }
    let problem = refused_pickle(vec![b'N'; 5 << 20]);
    assert_problem!(problem, Problem::TooLarge { .. });
}

#[test]
fn a_dict_in_itself_is_harmless() {
    let pickle = Pickle::new().op(b"}q\x00").text("model").op(b"h\x00s").end();
    assert_problem!(refused_pickle(pickle), Problem::NoStateDict { .. });
}

#[test]
fn what_holds_no_tensors_is_said() {
    let pickle = Pickle::new().op(b"}").text("state_dict").op(b"}s").end();
    assert_problem!(refused_pickle(pickle), Problem::NoStateDict { found } if found.contains("`state_dict`: a dict"));
    assert_problem!(refused_pickle(Pickle::new().op(b"K\x07").end()), Problem::NoStateDict { found } if found == "an integer");
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let whole = Pt::new().bytes();
    let inner = (1..120).map(|part| whole.len() * part / 120);
    for length in (1..60).chain(inner).chain(whole.len() - 60..whole.len()) {
        let (problem, _) = refused(&whole[..length]);
        assert_problem!(problem, Problem::Zip { .. } | Problem::NotACheckpoint { .. });
    }
}

#[test]
fn impossible_sizes_are_refused() {
    for sizes in [
        vec![-1],
        vec![1 << 40],
        vec![1 << 20, 1 << 20, 1 << 20, 1 << 20],
        vec![i64::MAX, 2],
        vec![i64::MIN],
        vec![1; 20],
    ] {
        let mut pt = Pt::new();
        let view = pt.view(TENSOR);
        view.strides = vec![1; sizes.len()];
        view.sizes = sizes;
        let (problem, _) = refused(&pt.bytes());
        assert_problem!(problem, Problem::BadShape { tensor, .. } if tensor == TENSOR);
    }
}

#[test]
fn numbers_outside_their_storage_are_refused() {
    for (numel, offset) in [(16, 1), (16, -1), (16, i64::MAX), (1 << 40, 0), (-16, 0), (i64::MAX, 0), (15, 0), (17, 0)]
    {
        let mut pt = Pt::new();
        let view = pt.view(TENSOR);
        (view.numel, view.offset) = (numel, offset);
        let (problem, _) = refused(&pt.bytes());
        assert_problem!(problem, Problem::Extent { tensor, .. } if tensor == TENSOR);
    }
    let mut pt = Pt::new();
    pt.view(TENSOR).key = "../../etc/passwd".to_owned();
    assert_problem!(refused(&pt.bytes()).0, Problem::Extent { reason, .. } if reason.contains("missing"));
}

#[test]
fn shared_storage_is_refused() {
    let mut pt = Pt::new();
    let key = pt.view("no_mem_pos_enc").key.clone();
    pt.view(TENSOR).key = key;
    let (problem, _) = refused(&pt.bytes());
    assert_problem!(problem, Problem::Overlap { first, second } if first == TENSOR && second == "no_mem_pos_enc");
}

#[test]
fn strides_are_refused() {
    let name = "sam_mask_decoder.mask_tokens.weight";
    let mut pt = Pt::new();
    pt.view(name).strides = vec![1, 4];
    let (problem, report) = refused(&pt.bytes());
    assert_problem!(problem, Problem::Strided { tensor, strides, .. } if tensor == name && strides == &[1, 4]);
    assert!(report.tensors.iter().any(|tensor| tensor.name == name));
}

#[test]
fn other_number_formats_are_refused() {
    let cases =
        [("DoubleStorage", "float64"), ("LongStorage", "a 64-bit integer"), ("ByteStorage", "an 8-bit integer")];
    for (class, expected) in cases {
        let mut pt = Pt::new();
        pt.view(TENSOR).class = class;
        let (problem, _) = refused(&pt.bytes());
        assert_problem!(problem, Problem::Dtype { tensor, found } if tensor == TENSOR && *found == expected);
    }
}

#[test]
fn half_of_the_bytes_is_not_enough() {
    let mut pt = Pt::new();
    pt.view(TENSOR).class = "HalfStorage";
    assert_problem!(refused(&pt.bytes()).0, Problem::Extent { tensor, .. } if tensor == TENSOR);
}

#[test]
fn the_other_byte_order_is_refused() {
    let pt = Pt { byteorder: "big", ..Pt::new() };
    assert_problem!(refused(&pt.bytes()).0, Problem::ByteOrder { found } if found == "big");
}

#[test]
fn packed_entries_are_refused() {
    let mut entries = Pt::new().entries();
    let bomb = entries.iter_mut().find(|entry| entry.name == "atom/data/1").unwrap();
    // Says to unpack to 4 GB.
    (bomb.method, bomb.claimed_size) = (8, Some(u32::MAX - 1));
    let (problem, _) = refused(&zip(&entries));
    assert_problem!(problem, Problem::Packed { entry, .. } if entry == "atom/data/1");

    let mut entries = Pt::new().entries();
    entries[0].flags |= 1;
    assert_problem!(refused(&zip(&entries)).0, Problem::Packed { how, .. } if how == "encryption");
}

#[test]
fn entries_that_lie_over_each_other_are_refused() {
    let mut entries = Pt::new().entries();
    // The name stays true, so only the place gives it away.
    entries[3].claimed_offset = Some(0);
    entries[3].name = entries[0].name.replace("data.pkl", "data.pk_");
    let mut file = zip(&entries);
    assert_problem!(refused(&file).0, Problem::Zip { .. });
    entries[3] = ZipEntry { claimed_offset: Some(0), ..entries[0].clone() };
    file = zip(&entries);
    assert_problem!(refused(&file).0, Problem::Zip { reason } if reason.contains("two entries"));
}

#[test]
fn an_entry_within_another_is_refused() {
    let inner = zip(&[ZipEntry::new("x/data/0", vec![0; 64])]);
    let outer = ZipEntry::new("x/data/1", inner);
    let mut file = zip(&[outer.clone(), ZipEntry::new("x/data/0", vec![0; 64])]);
    // The directory's second record is turned to the local header inside the first entry.
    let at = file.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    let within = 30 + outer.name.len() as u32;
    file[at + 42..at + 46].copy_from_slice(&within.to_le_bytes());
    assert_problem!(refused(&file).0, Problem::Zip { reason } if reason.contains("over each other"));
}

#[test]
fn sizes_past_the_file_are_refused() {
    for size in [u32::MAX - 1, 5_000_000] {
        let mut entries = Pt::new().entries();
        entries[4].claimed_size = Some(size);
        assert_problem!(refused(&zip(&entries)).0, Problem::Zip { reason } if reason.contains("past its end"));
    }
}

#[test]
fn damaged_numbers_are_noticed() {
    let mut file = Pt::new().bytes();
    let middle = file.len() / 2;
    file[middle] ^= 4;
    assert_problem!(refused(&file).0, Problem::Checksum { .. });
}
