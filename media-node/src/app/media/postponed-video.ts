import type { VideoWish } from '@isthmus/shared/wire/video';
import type { ImsVideo } from '../../core/sdp/ims-video.ts';
import { type Direction, flowOf } from '../../core/sdp/session-description.ts';
import { type VideoCodec, withoutSets } from '../../core/sdp/video-codecs.ts';

/** Video that IMS offered and was refused, because our user could not be asked in time. */
export class PostponedVideo {
  readonly video: ImsVideo;
  /** By IMS. */
  readonly offered: readonly VideoCodec[];

  constructor(video: ImsVideo, offered: readonly VideoCodec[]) {
    video.willing = 'inactive';
    this.video = video;
    this.offered = offered;
  }

  /** Our user does so much of it, in that format of theirs, which is what IMS is offered back. */
  taken(codec: VideoCodec, willing: Direction): VideoWish | undefined {
    this.video.propose([withoutSets(codec)]);
    const { send, receive } = flowOf(willing);
    if (send) return 'sendrecv';
    return receive ? 'recvonly' : undefined;
  }
}
