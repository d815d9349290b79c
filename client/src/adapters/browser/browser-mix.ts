/** What goes to one party of a conference: our microphone and all the others. */
export interface Mix {
  readonly track: MediaStreamTrack;
  close(): void;
}

/** One for the page, made when it is first needed. */
let mixer: AudioContext | undefined;

export function mixOf(streams: readonly MediaStream[]): Mix {
  mixer ??= new AudioContext();
  const context = mixer;
  // One that was made before the user touched the page waits.
  void context.resume();
  const out = context.createMediaStreamDestination();
  const sources = streams.map((stream) => context.createMediaStreamSource(stream));
  for (const source of sources) source.connect(out);
  const [track] = out.stream.getAudioTracks();
  if (!track) throw new DOMException('no audio track', 'NotFoundError');
  return {
    track,
    close() {
      for (const source of sources) source.disconnect();
      track.stop();
    },
  };
}
