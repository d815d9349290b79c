import type { ImsMedia } from './ims-reading.ts';
import type { MediaSection } from './session-description.ts';
import { refused } from './to-ims.ts';

/** The sections of a session with IMS: none is ever taken away or moved (RFC 3264 §8). */
export class ImsLayout {
  #places: readonly MediaSection[] = [];
  #audioIndex = 0;
  #videoIndex: number | undefined;

  /** Their offer says where everything is. */
  follow({
    sections,
    audioIndex,
    video,
  }: Pick<ImsMedia, 'sections' | 'audioIndex' | 'video'>): void {
    this.#places = sections;
    this.#audioIndex = audioIndex;
    this.#videoIndex = video?.index ?? this.#videoIndex;
  }

  /** What there is, in its place; all else refused. */
  placed(audio: MediaSection, video: MediaSection | undefined): readonly MediaSection[] {
    const places = this.#places.length > 0 ? this.#places : [audio];
    if (video) this.#videoIndex ??= places.length;
    const sections = [...places, ...(this.#videoIndex === places.length && video ? [video] : [])];
    this.#places = sections.map((section, index) => {
      if (index === this.#audioIndex) return audio;
      return index === this.#videoIndex && video ? video : refused(section);
    });
    return this.#places;
  }
}
