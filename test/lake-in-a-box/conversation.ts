import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A TCP connection to a service on this machine, spoken in turns; all of it must end before its deadline. */
export class Conversation {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;

  private constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
  }

  /** Connects to a port of 127.0.0.1. */
  static async open(port: number, signal: AbortSignal): Promise<Conversation> {
    const socket = connect(port, '127.0.0.1');
    // An error between two reads is met by the next read.
    socket.on('error', () => {});
    try {
      await once(socket, 'connect', { signal });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return new Conversation(socket, signal);
  }

  /** Sends bytes. */
  send(...parts: Uint8Array[]): void {
    this.#socket.write(Buffer.concat(parts));
  }

  /** Reads exactly `length` bytes. */
  async read(length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes = this.#socket.read(length) as Buffer | null;
      if (bytes?.length === length) return bytes;
      if (bytes !== null || this.#socket.readableEnded || this.#socket.destroyed) {
        throw new Error('the server closed the connection');
      }
      await once(this.#socket, 'readable', { signal: this.#signal });
    }
  }

  /** Closes the connection. */
  close(): void {
    this.#socket.destroy();
  }
}

/** Holds a conversation and closes it, whatever happens. */
export async function converse<T>(
  port: number,
  milliseconds: number,
  talk: (conversation: Conversation) => Promise<T>,
): Promise<T> {
  const conversation = await Conversation.open(port, AbortSignal.timeout(milliseconds));
  try {
    return await talk(conversation);
  } finally {
    conversation.close();
  }
}

/** Four bytes, big-endian: the integer of all the protocols here. */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
