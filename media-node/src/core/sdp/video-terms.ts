import { type VideoCodec, videoNames } from './video-codecs.ts';

/** Formats of video a tenant has toward IMS, in its order. */
export class VideoTerms {
  readonly names: readonly VideoCodec['name'][];

  constructor(allowed: readonly string[]) {
    this.names = videoNames(allowed);
  }

  /** Those of them, in their own order. */
  allowed(codecs: readonly VideoCodec[] = []): readonly VideoCodec[] {
    return codecs.filter((it) => this.names.includes(it.name));
  }

  /** In the tenant's, as of voice: phones decode what stands first. */
  preferred(codecs: readonly VideoCodec[]): readonly VideoCodec[] {
    return this.names.flatMap((name) => codecs.filter((it) => it.name === name));
  }
}
