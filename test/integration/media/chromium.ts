import { type Browser, chromium, type Page } from 'playwright-core';
import type { NetworkNamespace } from '../../support/network-namespace.ts';
import {
  type InboundAudio,
  type InboundVideo,
  inboundAudio,
  inboundVideo,
  type OutboundVideo,
  outboundVideo,
  protocols,
  remoteAddress,
  roundTripS,
} from './chromium-stats.ts';

/** The browser takes it for safe, and nobody is asked for it. */
const PAGE = 'http://localhost/';
const PROGRAM = '/usr/bin/chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

export interface ChromiumOptions {
  /** None of its media and checks leaves by UDP. */
  readonly withoutUdp?: boolean;
  /** A WAV file that its microphone hears over and over. */
  readonly sound?: string;
  /** SHA-256 of a public key (SPKI), in base64: its certificate is taken for valid. */
  readonly trusts?: string;
  /** False: it has no microphone, and so hides the addresses of its machine (RFC 8828). */
  readonly mayListen?: boolean;
  /** It lives in there, and reaches nothing else. */
  readonly network?: NetworkNamespace;
}

/** A page with one peer connection; everything a softphone does with it, nothing else. */
export class ChromiumPhone {
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  static async open(options: ChromiumOptions = {}): Promise<ChromiumPhone> {
    const { sound, trusts, mayListen = true, withoutUdp = false, network } = options;
    const flags = [
      ...FLAGS,
      ...(mayListen ? ['--use-fake-ui-for-media-stream'] : []),
      ...(sound ? [`--use-file-for-fake-audio-capture=${sound}`] : []),
      ...(withoutUdp ? ['--webrtc-ip-handling-policy=disable_non_proxied_udp'] : []),
      ...(trusts ? [`--ignore-certificate-errors-spki-list=${trusts}`] : []),
    ];
    const executablePath = network ? await network.within(PROGRAM) : PROGRAM;
    const browser = await chromium.launch({ executablePath, args: flags });
    const page = await browser.newPage();
    const body = '<!doctype html><title>phone</title>';
    await page.route(PAGE, (it) => it.fulfill({ contentType: 'text/html', body }));
    await page.goto(PAGE);
    return new ChromiumPhone(browser, page);
  }

  /** A fresh connection with the fake microphone; `withVideo` adds a camera to be refused. */
  async connect(
    options: {
      stunUrl?: string;
      withVideo?: boolean;
      withData?: boolean;
      /** Of the codecs, Opus alone. */
      asOpus?: boolean;
      withCamera?: boolean;
      /** Of the formats of video, this alone. */
      onlyVideo?: 'VP8' | 'H264';
      /** Nothing goes but by it. */
      relay?: { urls: string; username: string; credential: string };
    } = {},
  ): Promise<void> {
    const { stunUrl, relay, ...wanted } = options;
    const iceServers = [...(stunUrl ? [{ urls: stunUrl }] : []), ...(relay ? [relay] : [])];
    const iceTransportPolicy = relay ? ('relay' as const) : ('all' as const);
    const given = { ...wanted, iceServers, iceTransportPolicy };
    await this.#page.evaluate(
      async ({ withVideo, withData, asOpus, withCamera, onlyVideo, ...ice }) => {
        const pc = new RTCPeerConnection({ ...ice, bundlePolicy: 'max-bundle' });
        const media = await navigator.mediaDevices.getUserMedia({
          // What a page does to a voice is not ours to be judged by.
          audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
          video: withCamera === true,
        });
        const tracks = media.getTracks().sort((a, b) => (a.kind < b.kind ? -1 : 1));
        for (const track of tracks) pc.addTrack(track, media);
        if (asOpus) {
          const known = RTCRtpReceiver.getCapabilities('audio')?.codecs ?? [];
          const wanted = known.filter((it) => /opus|telephone-event/.test(it.mimeType));
          pc.getTransceivers()[0]?.setCodecPreferences(wanted);
        }
        if (onlyVideo) {
          const known = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
          const wanted = known.filter((it) => it.mimeType === `video/${onlyVideo}`);
          const camera = pc.getTransceivers().find((it) => it.sender.track?.kind === 'video');
          camera?.setCodecPreferences(wanted);
        }
        if (withVideo) pc.addTransceiver('video');
        if (withData) pc.createDataChannel('chat');
        const candidates: string[] = [];
        pc.onicecandidate = ({ candidate }) => {
          if (candidate) candidates.push(candidate.candidate);
        };
        pc.ontrack = ({ track }) => {
          const player = document.createElement(track.kind === 'video' ? 'video' : 'audio');
          player.muted = track.kind === 'video';
          player.srcObject = new MediaStream([track]);
          void player.play();
        };
        Object.assign(window, { pc, candidates });
      },
      given,
    );
  }

  /** Its microphone is a tone from now on: none is asked for. */
  async hum(): Promise<void> {
    await this.#page.evaluate(() => {
      const context = new AudioContext();
      const tone = new OscillatorNode(context, { frequency: 440 });
      const out = new MediaStreamAudioDestinationNode(context);
      tone.connect(out);
      tone.start();
      navigator.mediaDevices.getUserMedia = () => Promise.resolve(out.stream);
    });
  }

  /** Without its candidates: they trickle. */
  offer(): Promise<string> {
    return this.#page.evaluate(async () => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      const offer = await pc.createOffer();
      await pc.setLocalDescription(offer);
      return offer.sdp ?? '';
    });
  }

  /** Another offer, for another way. */
  restart(): Promise<string> {
    return this.#page.evaluate(async () => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
      return pc.localDescription?.sdp ?? '';
    });
  }

  takeAnswer(sdp: string): Promise<void> {
    return this.#page.evaluate(async (text) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      await pc.setRemoteDescription({ type: 'answer', sdp: text });
    }, sdp);
  }

  answer(sdp: string): Promise<string> {
    return this.#page.evaluate(async (text) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      await pc.setRemoteDescription({ type: 'offer', sdp: text });
      await pc.setLocalDescription();
      return pc.localDescription?.sdp ?? '';
    }, sdp);
  }

  async candidates(): Promise<string[]> {
    await this.#page.waitForFunction(
      () => (window as unknown as { candidates: string[] }).candidates.length > 0,
    );
    return this.#page.evaluate(() => (window as unknown as { candidates: string[] }).candidates);
  }

  wait(ms: number): Promise<void> {
    return this.#page.waitForTimeout(ms);
  }

  /** The browser is done a moment after the node: our last flight is what it waits for. */
  async waitUntilConnected(): Promise<void> {
    await this.#page.waitForFunction(
      () => (window as unknown as { pc: RTCPeerConnection }).pc.connectionState === 'connected',
    );
  }

  /** Waits until so many packets more than now have come. */
  async hear(packets: number): Promise<InboundAudio> {
    const before = (await this.inbound())?.received ?? 0;
    for (;;) {
      const now = await this.inbound();
      if (now && now.received >= before + packets) return now;
      await this.#page.waitForTimeout(50);
    }
  }

  inbound(): Promise<InboundAudio | undefined> {
    return inboundAudio(this.#page);
  }

  /** Waits until so many pictures have been decoded. */
  async see(pictures: number): Promise<InboundVideo> {
    for (;;) {
      const now = await inboundVideo(this.#page);
      if (now && now.decoded >= pictures) return now;
      await this.#page.waitForTimeout(50);
    }
  }

  /** What it sends of its camera, and what it is asked for. */
  filmed(): Promise<OutboundVideo> {
    return outboundVideo(this.#page);
  }

  roundTripS(): Promise<number | undefined> {
    return roundTripS(this.#page);
  }

  /** Of whom it talks to, by the pair of addresses that was chosen. */
  remoteAddress(): Promise<string | undefined> {
    return remoteAddress(this.#page);
  }

  /** Of that pair. */
  protocols(): Promise<readonly (string | undefined)[]> {
    return protocols(this.#page);
  }

  /** Dials once the sender may; presses one key after the other. */
  async press(keys: string): Promise<void> {
    await this.#page.evaluate((tones) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      pc.getSenders()[0]?.dtmf?.insertDTMF(tones, 100, 50);
    }, keys);
  }

  /** What is heard and said from now on, each one channel of 16 kHz. */
  async record(seconds: number): Promise<{ heard: Int16Array; said: Int16Array }> {
    const [heard, said] = await this.#page.evaluate(async (length) => {
      const { pc } = window as unknown as { pc: RTCPeerConnection };
      const context = new AudioContext({ sampleRate: 16_000 });
      await context.resume();
      // The graph hands every block it plays to a worklet, which posts it back.
      const code = `registerProcessor('tap', class extends AudioWorkletProcessor {
        process([ends]) { this.port.postMessage(ends.map((it) => it.slice())); return true; }
      })`;
      await context.audioWorklet.addModule(
        URL.createObjectURL(new Blob([code], { type: 'text/javascript' })),
      );
      const ends = new ChannelMergerNode(context, { numberOfInputs: 2 });
      [pc.getReceivers()[0]?.track, pc.getSenders()[0]?.track].forEach((track, at) => {
        const source = context.createMediaStreamSource(new MediaStream(track ? [track] : []));
        source.connect(ends, 0, at);
      });
      const tap = new AudioWorkletNode(context, 'tap');
      const sounds: [number[], number[]] = [[], []];
      await new Promise<void>((resolve) => {
        tap.port.onmessage = ({ data }: MessageEvent<Float32Array[]>) => {
          sounds.forEach((sound, at) => {
            for (const it of data[at] ?? []) sound.push(Math.round(it * 32_767));
          });
          if (sounds[0].length >= length * 16_000) resolve();
        };
        ends.connect(tap).connect(context.destination);
      });
      await context.close();
      return sounds.map((it) => it.join(','));
    }, seconds);
    const samplesOf = (text = ''): Int16Array => Int16Array.from(text.split(','), Number);
    return { heard: samplesOf(heard), said: samplesOf(said) };
  }

  async hangUp(): Promise<void> {
    await this.#page.evaluate(() => {
      (window as unknown as { pc: RTCPeerConnection }).pc.close();
    });
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
