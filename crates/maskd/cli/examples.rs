//! The ends of the help texts.

pub const TOP: &str = "\
Examples:
  maskd track scene:// --video out.mp4
  maskd track cup.mp4 --prompt 1:point=320,180 --masks masks --video out.mp4
  maskd segment cup.jpg --prompt 1:box=200,90,440,300 --masks masks
  maskd run configs/scene.toml

Exit codes: 0 done, 1 failed while running or was interrupted, 2 wrong usage, 78 bad
configuration, prompts file or mask.";

pub const RUN: &str = "\
SIGTERM and Ctrl-C let the sinks write what waits for them and end; a second one ends at once.
SIGHUP reads the configuration anew and touches only what differs; a wrong file changes nothing.

Examples:
  maskd check configs/scene.toml
  maskd run configs/scene.toml
  MASKD__MODEL__DEVICE=cuda:1 maskd run /etc/maskd/maskd.toml";

pub const TRACK: &str = "\
What a prompt says:
  1:point=320,180           object 1 is here, on frame 0
  1@0:point=250,40,-        and not here (both combine)
  2@40:box=100,50,220,300   object 2 is in this box on frame 40
  3@0:mask=cup.png          object 3 is where the PNG is not 0; a PNG with the ids of several
                            objects (as DAVIS has them and --masks writes) gives object 3's pixels
  Coordinates are pixels of the input from its top left corner. A prompts file says the same and can
  also remove: [{\"frame\":40,\"object\":2,\"remove\":true}]; its masks are looked for beside it.
  Rendered scenes need no prompt: every object in sight at frame 0 gets its true box.

Examples:
  maskd track scene:// --video out.mp4
  maskd track cup.mp4 --prompt 1:point=320,180 --masks masks --video out.mp4
  maskd track cup.mp4 --checkpoint sam2.1-small --prompts prompts.json --ndjson - | jq .objects
  maskd track rtsp://camera/live --prompt 1:box=10,10,90,90 --frames 500 --ndjson out.ndjson

Ctrl-C ends after the current frame and closes all files properly; a second one ends at once.
Exit codes: 0 done (also when a live stream was ended by Ctrl-C, or the reader of `--ndjson -` had
enough), 1 failed while running or a file was not tracked to its end, 2 wrong usage, 78 bad prompts
file or mask.";

pub const SEGMENT: &str = "\
Prints one line of JSON per object:
  {\"image\":\"..\",\"width\":854,\"height\":480,\"id\":1,\"candidates\":[{\"score\":0.98,\"iou\":0.94,
  \"box\":[x0,y0,x1,y1],\"area\":1234,\"centroid\":[x,y],\"mask\":{\"size\":[h,w],\"counts\":\"..\"}}]}
with the best candidate (highest iou) first.

Examples:
  maskd segment cup.jpg --prompt 1:point=320,180 --masks masks
  maskd segment cup.jpg --prompt 1:point=320,180 --multimask --ndjson cup.json
  maskd segment cup.jpg --prompt 1:box=10,10,90,90 --prompt 2:box=50,20,150,120";

pub const EVAL: &str = "\
J is the intersection over union of a mask and the true one, F says how well their contours agree,
both as the DAVIS benchmark has them: the first and the last frame do not count. `first mask kept`
is what no tracking at all would give. Annotations are PNGs; a palette index is the number of an
object, any other picture shows one object. Of scenes it is also said how often objects were kept
apart that crossed, noticed to be out of sight, and found again.

Examples:
  maskd eval DAVIS --merge-objects
  maskd eval DAVIS --sequence dog --checkpoint sam2.1-small --prompt point --json dog.json
  maskd eval DAVIS --masks results
  maskd eval 'scene://?seed=1000&objects=3' --scenes 20 --prompt box";

pub const FETCH: &str = "\
An interrupted download is taken up where it stopped; the file gets its name only once its SHA-256
is right.

Examples:
  maskd fetch sam2.1-tiny
  maskd track cup.mp4 --checkpoint sam2.1-tiny --prompt 1:point=320,180 --video out.mp4";

pub const INSPECT: &str = "\
Exit code 1 where anything is wrong with the file.

Examples:
  maskd inspect sam2.1_hiera_tiny.pt
  maskd inspect model.safetensors --json";
