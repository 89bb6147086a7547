import { LakewardenError } from '#shared/errors/error.ts';

/** Takes the bytes of a file in order. */
interface Sink {
  write(bytes: Uint8Array): Promise<void>;
}

/**
 * Sends a file away while it is made. Neither side runs ahead of the other by more than one piece; when one fails, the other
 * stops, and what failed first is thrown; hdfs.unavailable when the receiver stops early without an error.
 */
export async function streamFile<T>(
  make: (sink: Sink) => Promise<T>,
  send: (body: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<T> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const making = async (): Promise<T> => {
    try {
      // A copy: the maker uses its bytes again, while the socket may still hold them.
      const made = await make({ write: (bytes) => writer.write(bytes.slice()) });
      await writer.close();
      return made;
    } catch (error) {
      await writer.abort(error).catch(() => {});
      throw error;
    }
  };
  const sending = async (): Promise<void> => {
    try {
      await send(readable);
    } catch (error) {
      await readable.cancel(error).catch(() => {});
      throw error;
    }
  };
  const [sent, made] = await Promise.allSettled([sending(), making()]);
  // An error of the maker is also one of the sender's body.
  if (sent.status === 'rejected') throw sent.reason;
  // Without a reason it is one who reads no more.
  if (made.status === 'rejected')
    throw made.reason ?? new LakewardenError('hdfs.unavailable', 'the file was not taken to its end');
  return made.value;
}
