import { literalWord, type Word } from "../parsed-command.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { leadingText } from "./options.ts";
import {
  always,
  type Call,
  explicit,
  has,
  named,
  prints,
  type Row,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { hostOf } from "./urls.ts";
import { hasFlag, valuesGiven } from "./verbs.ts";

/** Sound, pictures and films. Converting writes a file; their languages and protocols can do much more. */

/** Fetches what an address names, as curl would. */
function fetches(call: Call, address: Word): Finding {
  // An unquoted `?` is a wildcard, but what it could match begins with the same host.
  const known = /^https?:\/\/[^/]+\//i.exec(leadingText(address))?.[0];
  const host = hostOf(known === undefined ? address : literalWord(known));
  return host === null
    ? explicit(call, "address", "fetches from a host that cannot be told", "network-read", "remote")
    : {
        ...finding("brief", call.rule, `reads from ${host}`, [effect("network-read", host, "remote")]),
        needs: [host],
      };
}

export const isAddress = (word: Word): boolean => /^[A-Za-z][\w+.-]+:\/\//.test(textOf(word));

/** Reads files, or what an address names. */
export function readsOrFetches(call: Call, words: readonly Word[]): Finding[] {
  return words.flatMap((word) => {
    if (!isAddress(word)) return readAll(call, [word]);
    return /^https?:/i.test(textOf(word))
      ? [fetches(call, word)]
      : [
          explicit(
            call,
            "protocol",
            "uses a protocol that can write or send",
            "network-send",
            "remote",
            textOf(word),
          ),
        ];
  });
}

/** Writes the files that options name, or the last operand, from the others. */
export function converts(options: string, outputs: readonly string[], last = false): Row {
  return {
    options,
    judge: (call) => {
      const { operands } = call.scan;
      const written = [
        ...valuesOf(call.scan, ...outputs),
        ...(last && operands.length > 1 ? operands.slice(-1) : []),
      ];
      const files = written.filter((word) => word.value !== "-");
      return [
        harmless(call.rule, "converts"),
        ...readsOrFetches(call, last && operands.length > 1 ? operands.slice(0, -1) : operands),
        ...writeAll(call, files),
      ];
    },
  };
}

/** One file alone: the other has its name, with another ending. */
function besideOne(row: Row): Row {
  return {
    ...row,
    judge: (call) => [
      ...row.judge(call),
      ...(call.scan.operands.length === 1 ? writeAll(call, call.scan.operands) : []),
    ],
  };
}

/** Rewrites the files named. */
function rewrites(options: string): Row {
  return {
    options,
    judge: (call) => [
      finding("brief", call.rule, "rewrites files", [effect("write", "files", "worktree")]),
      ...writeAll(call, call.scan.operands),
    ],
  };
}

const ffSwitches =
  "y n hide_banner vn an sn dn shortest re nostdin stats nostats copyts start_at_zero noautorotate autorotate accurate_seek noaccurate_seek ignore_unknown copy_unknown benchmark bitexact version formats muxers demuxers devices codecs decoders encoders bsfs protocols filters pix_fmts layouts sample_fmts colors hwaccels buildconf L";
const ffValues =
  "i f c codec vcodec acodec scodec b ab vb q qscale crf preset tune profile level r ar ac s aspect t to ss sseof itsoffset map map_metadata map_chapters metadata disposition vf af filter filter_complex lavfi frames vframes aframes pix_fmt v loglevel g keyint_min bf refs maxrate minrate bufsize threads thread_queue_size movflags fflags flags loop stream_loop vsync fps_mode async pass passlogfile x264-params x265-params x264opts rc-lookahead sc_threshold vtag tag bsf max_muxing_queue_size framerate video_size pattern_type start_number probesize analyzeduration sws_flags qmin qmax compression_level quality lossless deadline cpu-used row-mt tile-columns application vbr frame_duration id3v2_version write_id3v1 write_xing hls_time hls_list_size hls_playlist_type hls_segment_filename segment_time segment_format reset_timestamps strict err_detect hwaccel hwaccel_output_format sample_fmt channel_layout vol apre timelimit timestamp brand color_primaries color_trc colorspace color_range update safe stats_period sn_codec rtsp_transport user_agent dpi h help target";
const ffKnown = new Set(`${ffSwitches} ${ffValues}`.split(" "));
const ffSwitch = new Set(ffSwitches.split(" "));
// Filters that read other files, write, listen, or load code.
const ffActing =
  /movie|file|zmq|ladspa|frei0r|lv2|sendcmd|metadata|signature|vmaf|dnn|script|vidstab|stats|export|dump|@/i;
const ffFormats =
  /^(mp4|mov|m4a|mp3|wav|null|image2|image2pipe|webm|matroska|mpegts|concat|lavfi|rawvideo|flac|ogg|opus|gif|hls|segment|avi|flv|adts|s16le|f32le|yuv4mpegpipe|ffmetadata|webvtt|srt|ass|md5|framemd5|hash|ipod|mjpeg|webp|h264|hevc)$/;

function judgeFfmpeg(call: Call): Finding[] {
  const inputs: Word[] = [];
  const outputs: Word[] = [];
  const values = new Map<string, Word[]>();
  const odd = (what: string): Finding[] => [
    explicit(call, "option", `${what} may write, send, capture or load code`, "execute-opaque", "none"),
  ];
  for (let index = 0; index < call.args.length; index += 1) {
    const word = call.args[index];
    if (word === undefined) break;
    const text = textOf(word);
    if (!text.startsWith("-") || text === "-") {
      if (word.splits) return odd(text);
      outputs.push(word);
      continue;
    }
    const name = text.replace(/^--?/, "").replace(/:.*$/, "");
    if (word.value === null || !ffKnown.has(name)) return odd(text);
    if (ffSwitch.has(name)) {
      values.set(name, []);
      continue;
    }
    index += 1;
    const value = call.args[index];
    if (value === undefined || value.splits) return odd(text);
    values.set(name, [...(values.get(name) ?? []), value]);
    if (name === "i") inputs.push(value);
  }
  const given = (...names: string[]): Word[] => names.flatMap((name) => values.get(name) ?? []);
  const filters = given(
    "vf",
    "af",
    "filter",
    "filter_complex",
    "lavfi",
    "bsf",
    "x264-params",
    "x265-params",
    "x264opts",
  );
  const acting = filters.find((word) => ffActing.test(word.value ?? "file"));
  if (acting !== undefined) return odd(acting.text);
  const format = given("f").find((word) => !ffFormats.test(word.value ?? "?"));
  if (format !== undefined) return odd(`-f ${format.text}`);
  const isGraph = given("f").some((word) => word.value === "lavfi");
  const graph = inputs.find((word) => isGraph && ffActing.test(word.value ?? "file"));
  if (graph !== undefined) return odd(graph.text);
  const protocol = /^(?!https?:\/\/)[A-Za-z][\w+,.-]*:(?!\\)/;
  const sources = inputs.filter((word) => word.value !== "-" && word.value !== "pipe:0" && !isGraph);
  const strange = [...sources, ...outputs].find(
    (word) =>
      protocol.test(textOf(word)) &&
      !/^(file:|pipe:1$)/.test(textOf(word)) &&
      !/^rtsps?:\/\//.test(sources.includes(word) ? textOf(word) : ""),
  );
  if (strange !== undefined) return odd(strange.text);
  const sent = outputs.find((word) => isAddress(word));
  if (sent !== undefined)
    return [explicit(call, "send", "sends to another machine", "network-send", "remote", sent.text)];
  const isDiscarded = given("f").some(
    (word) => word.value === "null" || word.value === "md5" || word.value === "framemd5",
  );
  const files = outputs.filter(
    (word) => !/^(-|pipe:1|\/dev\/null)$/.test(textOf(word)) && !(isDiscarded && textOf(word) === "-"),
  );
  return [
    harmless(call.rule, "converts"),
    ...sources.flatMap((word) =>
      /^rtsps?:/.test(textOf(word))
        ? [fetches(call, literalWord(textOf(word).replace(/^rtsps?/, "http")))]
        : readsOrFetches(call, [word]),
    ),
    ...writeAll(call, [...files, ...given("passlogfile", "hls_segment_filename")].map(withoutScheme)),
  ];
}

function withoutScheme(word: Word): Word {
  return word.value?.startsWith("file:") === true ? literalWord(word.value.slice(5)) : word;
}

const probeOptions =
  "v= loglevel= hide_banner show_format show_streams show_frames show_packets show_chapters show_programs show_stream_groups show_data show_error show_entries= show_format_entry= show_library_versions show_versions show_program_version show_pixel_formats show_private_data select_streams= of= print_format= output_format= i= count_frames count_packets pretty unit prefix byte_binary_prefix sexagesimal show_data_hash= read_intervals= f= analyzeduration= probesize= bitexact noprivate private find_stream_info show_log= rtsp_transport= user_agent= version formats codecs";

// Prefixes of ImageMagick that name a picture, not a file that is a program.
const calmCoder =
  /^(png|png8|png24|png32|jpg|jpeg|gif|webp|tiff?|bmp|svg|pdf|rgba?|gray|xc|canvas|gradient|radial-gradient|pattern|plasma|null|info|json|txt|histogram|ico|ppm|pgm|pbm|avif|heic|miff|mpc|inline|logo|rose|wizard):/i;
const magickWrites =
  /^[-+](write|process|script|print|authenticate|remote|display|window|dispatch|log|map-file|path)$/i;

/** Which word is a file is not told by its place alone, so every word is looked at. */
function judgeMagick(call: Call): Finding[] {
  const words = call.args;
  const texts = words.map((word) => textOf(word));
  const sub = /^(identify|convert|compare|composite|montage|mogrify)$/.exec(texts[0] ?? "")?.[1];
  const rest = sub === undefined ? words : words.slice(1);
  const verb = sub ?? call.rule;
  const text = (word: Word): string => word.value ?? word.text;
  const odd = rest.find(
    (word) =>
      word.splits ||
      magickWrites.test(text(word)) ||
      /@/.test(
        text(word)
          .replace(/^@(?=\d)/, "")
          .replace(/@\d+(x\d+)?[.>]?|\d+@/g, ""),
      ) ||
      (/^[A-Za-z][\w-]*:/.test(text(word)) &&
        !calmCoder.test(text(word)) &&
        !/^(label|caption|text|https?):/i.test(text(word))) ||
      /^\|/.test(text(word)) ||
      /\.(msl|mvg|mgk|ephemeral)$/i.test(text(word)),
  );
  if (odd !== undefined || /^(stream|conjure|display|import|animate)$/.test(texts[0] ?? ""))
    return [
      explicit(
        call,
        "option",
        `${odd?.text ?? texts[0]} may run, capture or write more`,
        "execute-opaque",
        "none",
      ),
    ];
  const files = rest.filter((word) => !/^[-+]/.test(text(word)) || text(word) === "-").map(withoutCoder);
  const last = files.at(-1);
  if (verb === "identify") return [harmless(call.rule, "reads a picture"), ...readsOrFetches(call, files)];
  if (verb === "mogrify")
    return [
      finding("brief", call.rule, "rewrites pictures", [effect("write", "files", "worktree")]),
      ...writeAll(
        call,
        files.filter((word) => /[/.~*$]/.test(text(word)) && !/^[\d.x%+,-]+$/.test(text(word))),
      ),
    ];
  if (last === undefined || /^[-+]/.test(texts.at(-1) ?? ""))
    return [harmless(call.rule, "prints what it knows")];
  const isPrinted =
    /^(info|json|txt|null|histogram):-?$/i.test(text(rest.at(-1) ?? last)) ||
    text(last) === "-" ||
    text(last) === "";
  return [
    harmless(call.rule, "converts"),
    ...readsOrFetches(
      call,
      files.slice(0, -1).filter((word) => /[/.~*$]/.test(text(word))),
    ),
    ...(isPrinted ? [] : writeAll(call, [last])),
  ];
}

function withoutCoder(word: Word): Word {
  return word.value === null || isAddress(word)
    ? word
    : literalWord(word.value.replace(/^[A-Za-z][\w-]*:(?!\/\/)/, ""));
}

/** A `-TAG=value` rewrites the file; -if, -p and -config are Perl. */
function judgeExiftool(call: Call): Finding[] {
  const words = call.args.map((word) => textOf(word));
  const odd = words.find(
    (word, index) =>
      call.args[index]?.splits === true ||
      (/^-(if\d*|config|@|stay_open|execute\d*|common_args|[wW][+!]?\d*|textOut!?|tagOut!?|o|out|geotag|csv|json|j|restore_original|delete_original!?|diff|userParam|api|plugin|srcfile|efile\d*!?)$/i.test(
        word,
      ) &&
        !/^-(json|j|csv)$/.test(word)) ||
      /^-(csv|json|j)[+]?=/i.test(word) ||
      /^-(\w+:)?(filename|directory|testname|hardlink|symlink)#?[+-]?[<=]/i.test(word) ||
      (/^-(p|printFormat)$/i.test(words[index - 1] ?? "") && /[;{}]/.test(word)) ||
      /[<].*[;{]/.test(word),
  );
  if (odd !== undefined)
    return [explicit(call, "option", `${odd} may run code or write elsewhere`, "execute-opaque", "none")];
  const files = call.args.filter((word) => !textOf(word).startsWith("-"));
  const isWriting = words.some(
    (word) => /^-[\w:#*-]+[+^-]?[<=]/.test(word) || /^-(tagsFromFile|overwrite_original\w*|P)$/i.test(word),
  );
  return isWriting
    ? [
        finding("brief", call.rule, "rewrites metadata", [effect("write", "files", "worktree")]),
        ...writeAll(call, files),
      ]
    : [harmless(call.rule, "reads metadata"), ...readAll(call, files)];
}

const downloadOptions =
  "F list-formats list-subs list-thumbnails s simulate no-simulate j dump-json J dump-single-json O= print= g get-url e get-title get-id get-thumbnail get-description get-duration get-filename get-format skip-download flat-playlist no-flat-playlist f= format= S= format-sort= x extract-audio audio-format= audio-quality= k keep-video no-keep-video merge-output-format= remux-video= recode-video= o= output= P= paths= no-playlist yes-playlist I= playlist-items= playlist-start= playlist-end= match-title= reject-title= dateafter= datebefore= date= max-downloads= min-filesize= max-filesize= r= limit-rate= R= retries= fragment-retries= N= concurrent-fragments= write-subs write-sub write-auto-subs write-auto-sub write-automatic-subs sub-langs= sub-lang= sub-format= convert-subs= embed-subs embed-thumbnail embed-metadata add-metadata embed-chapters no-embed-chapters write-thumbnail write-description write-info-json write-comments no-write-comments convert-thumbnails= restrict-filenames no-restrict-filenames windows-filenames trim-filenames= w no-overwrites force-overwrites c continue no-continue no-part no-mtime mtime i ignore-errors no-abort-on-error abort-on-error q quiet no-warnings v verbose newline no-progress progress console-title progress-template= ignore-config no-config user-agent= referer= geo-bypass 4 6 force-ipv4 force-ipv6 socket-timeout= source-address= sleep-interval= max-sleep-interval= sleep-requests= sleep-subtitles= no-check-certificates no-check-certificate prefer-free-formats check-formats no-video-multistreams audio-multistreams video-multistreams download-sections= split-chapters force-keyframes-at-cuts sponsorblock-remove= sponsorblock-mark= no-sponsorblock live-from-start wait-for-video= hls-use-mpegts default-search= extractor-args= no-cache-dir color= list-extractors extractor-descriptions version match-filter= match-filters= break-on-existing download-archive= parse-metadata= replace-in-metadata=";

const download: Row = {
  options: downloadOptions,
  plain: true,
  judge: (call) => {
    const { scan } = call;
    if (has(scan, "list-extractors", "extractor-descriptions", "version")) return [harmless(call.rule)];
    const isLook =
      has(
        scan,
        "F",
        "list-formats",
        "list-subs",
        "list-thumbnails",
        "s",
        "simulate",
        "j",
        "dump-json",
        "J",
        "dump-single-json",
        "O",
        "print",
        "g",
        "get-url",
        "e",
        "get-title",
        "get-id",
        "get-filename",
        "get-duration",
        "get-description",
        "get-thumbnail",
        "get-format",
      ) && !has(scan, "no-simulate");
    const folders = valuesOf(scan, "P", "paths").map((word) =>
      literalOr(word, textOf(word).replace(/^(home|temp|subtitle|thumbnail|\w+):/, "")),
    );
    const outputs = valuesOf(scan, "o", "output").filter((word) => textOf(word) !== "-");
    const names = outputs.map((word) =>
      literalOr(
        word,
        textOf(word)
          .replace(/%\([^)]*\)[\w.]*/g, "x")
          .replace(/^\w+:(?!\/)/, ""),
      ),
    );
    return [
      ...scan.operands.map((word) =>
        fetches(call, isAddress(word) ? word : literalWord("https://www.youtube.com/")),
      ),
      ...(isLook
        ? []
        : writeAll(call, [
            ...(folders.length > 0 ? folders : names.length > 0 ? names : [literalWord("download")]),
            ...(folders.length > 0 ? names.filter((word) => /^[/~]|\.\./.test(textOf(word))) : []),
            ...valuesOf(scan, "download-archive"),
          ])),
    ];
  },
};

function literalOr(word: Word, text: string): Word {
  return word.value === null ? word : literalWord(text);
}

const sox: Row = {
  options: "any",
  judge: (call) => {
    const odd = call.args.find(
      (word) =>
        /^\|/.test(textOf(word)) ||
        word.splits ||
        /^-(d|t|-default-device|-plot|-effects-file.*|-temp|-input-buffer)$/.test(textOf(word)),
    );
    if (odd !== undefined)
      return [
        explicit(call, "option", `${odd.text} may run a program or use a device`, "execute-opaque", "none"),
      ];
    const files = call.args.filter(
      (word) => /\.\w{2,5}$/.test(textOf(word)) && !/^-/.test(textOf(word)) && !/^[\d.]+$/.test(textOf(word)),
    );
    return [
      finding(
        call.args.some((word) => textOf(word) === "-n") ? "none" : "brief",
        call.rule,
        "converts sound",
      ),
      ...(call.args.some((word) => textOf(word) === "-n") ? readAll(call, files) : writeAll(call, files)),
    ];
  },
};

const encoder =
  "# q= b= V= m= h quality= bitrate= preset= silent quiet verbose best fast d decode f force t test s a analyze o= output= r= k= ta= tt= tl= ty= tg= tn= vbr comp= 0 1 2 3 4 5 6 7 8";

const pictures =
  "# q= o= output= w= h= width= height= f= format= z= m= lossless resize= s= d= dpi-x= dpi-y= colors= O=? loop delay= i= a keep-aspect-ratio quiet mt";

export const media = (): Table => ({
  ffmpeg: { options: "any", judge: judgeFfmpeg },
  ffprobe: {
    options: probeOptions,
    style: "word",
    judge: (call) => [
      harmless(call.rule, "reads a file"),
      ...readsOrFetches(call, [...valuesOf(call.scan, "i"), ...call.scan.operands]),
    ],
  },
  ...named("identify convert compare composite montage mogrify magick", {
    options: "any",
    judge: judgeMagick,
  }),
  exiftool: { options: "any", judge: judgeExiftool },
  exiv2: {
    options: "any",
    judge: (call) =>
      /^(-p\w*|-P\w*|pr|print|--version|-V|-K|-g)$/.test(textOf(call.args[0]))
        ? [harmless(call.rule), ...readAll(call, call.args.slice(1))]
        : rewrites("").judge({
            ...call,
            scan: { ...call.scan, operands: call.args.filter((word) => !textOf(word).startsWith("-")) },
          }),
  },
  mediainfo: {
    ...reads(),
    judge: (call) =>
      call.args.some((word) => /^--log/i.test(textOf(word)))
        ? [explicit(call, "log", "writes a file", "write", "host")]
        : [harmless(call.rule, "reads a file"), ...readsOrFetches(call, call.scan.operands)],
  },
  ...named("yt-dlp youtube-dl", download),
  sox,
  ...named("soxi mp4info jpeginfo webpinfo id3info", reads()),
  mkvinfo: {
    ...reads(),
    judge: (call) => [...reads().judge(call), ...writeAll(call, valuesGiven(call, "r", "redirect-output"))],
  },
  // -x writes each picture that it finds in the file.
  pngcheck: {
    ...reads(),
    judge: (call) => [
      ...reads().judge(call),
      ...(hasFlag(call, "-x") ? writeAll(call, call.scan.operands) : []),
    ],
  },
  metaflac: {
    options:
      "list show-md5sum show-tag= show-all-tags show-sample-rate show-channels show-bps show-total-samples block-type= block-number= with-filename no-filename",
    judge: (call) => [harmless(call.rule), ...readAll(call, call.scan.operands)],
  },
  mkvmerge: {
    options:
      "i identify J F= identification-format= o= output= q quiet v verbose language= title= default-track-flag= no-audio no-video no-subtitles A D S a= d= s= track-order= split= V",
    judge: (call) => [
      harmless(call.rule, "joins"),
      ...readAll(call, call.scan.operands),
      ...writeAll(call, valuesOf(call.scan, "o", "output")),
    ],
  },
  ...named("lame oggenc flac", besideOne(converts(encoder, ["o", "output"], true))),
  opusenc: converts(encoder, ["o", "output"], true),
  ...named("cwebp dwebp gifsicle rsvg-convert img2webp gif2webp", converts(pictures, ["o", "output"])),
  ...named("avifenc heif-convert pngcrush", converts(pictures, ["o", "output"], true)),
  ...named(
    "optipng jpegoptim pngquant oxipng advpng mozjpeg",
    rewrites(
      "# o= m= max= s strip-all strip=? q quiet quality= speed= force f v verbose t totals p preserve all-progressive all-normal ext= nofs skip-if-larger z",
    ),
  ),
  HandBrakeCLI: converts(
    "i= input= o= output= Z= preset= e= encoder= q= quality= b= r= rate= scan t= title= z preset-list E= B= s= subtitle= all-subtitles all-audio audio= f= format= O optimize w= l= width= height= json",
    ["o", "output"],
  ),
  ...named("asciinema", {
    global: "",
    subs: {
      play: prints("s= i= l speed= loop"),
      cat: reads(),
      "*": always("explicit", "network-send", "remote", "records or uploads a session"),
    },
  }),
  ...named(
    "ffplay play rec mpv vlc cvlc parec pacat display animate conjure gst-launch-1.0 obs inkscape gimp blender melt",
    always("explicit", "execute-opaque", "none", "uses devices, or runs its own language"),
  ),
});
