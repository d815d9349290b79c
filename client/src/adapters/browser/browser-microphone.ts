import { DeviceSlot } from './open-device.ts';

export const createMicrophoneSlot = (): DeviceSlot =>
  new DeviceSlot(async (id) => {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        ...{ echoCancellation: true, noiseSuppression: true, autoGainControl: true },
        ...(id !== undefined && { deviceId: { exact: id } }),
      },
    });
    const [track] = stream.getAudioTracks();
    if (!track) throw new DOMException('no audio track', 'NotFoundError');
    return track;
  });
