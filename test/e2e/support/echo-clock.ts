export interface EchoClock {
  readonly beeps: number;
  readonly medianMs: number;
}

/**
 * Runs in the page: from a beep of the fake microphone to the same beep in what comes back. The
 * microphone is tapped at the track that is being sent.
 */
export async function roundTripMs({ listenMs }: { listenMs: number }): Promise<EchoClock> {
  const player = document.querySelector<HTMLAudioElement>('audio');
  const remote = player?.srcObject;
  const sent = (globalThis as { sentStream?: MediaStream }).sentStream;
  if (!(remote instanceof MediaStream) || !sent) return { beeps: 0, medianMs: Number.NaN };
  const context = new AudioContext();
  const loudnessOf = (stream: MediaStream): (() => number) => {
    const analyser = context.createAnalyser();
    analyser.fftSize = 256;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    return () => {
      analyser.getFloatTimeDomainData(samples);
      return samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0);
    };
  };
  const near = { loudness: loudnessOf(sent), isLoud: true, onsets: [] as number[] };
  const far = { loudness: loudnessOf(remote), isLoud: true, onsets: [] as number[] };
  const until = performance.now() + listenMs;
  while (performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    for (const side of [near, far]) {
      const isLoud = side.loudness() > 0.02;
      if (isLoud && !side.isLoud) side.onsets.push(performance.now());
      side.isLoud = isLoud;
    }
  }
  await context.close();
  const trips = near.onsets.flatMap((at) => {
    const echo = far.onsets.find((back) => back > at);
    return echo === undefined ? [] : [echo - at];
  });
  trips.sort((a, b) => a - b);
  return { beeps: trips.length, medianMs: trips[Math.floor(trips.length / 2)] ?? Number.NaN };
}
