import type { CDPSession } from 'playwright-core';
import { PageRefusal } from '../fetch/refusal.js';

/** A page may load this many times the size of the largest document before it is given up. */
const RESOURCES_FACTOR = 10;

/**
 * Watches the decoded bytes that a page receives: a compressed bomb or an endless body ends when the limit is passed, whatever
 * the parser makes of it. The promise rejects with PageRefusal TOO_LARGE, and never resolves.
 */
export async function limitTransfer(session: CDPSession, maxDocumentBytes: number): Promise<{ readonly exceeded: Promise<never> }> {
  const { frameTree } = await session.send('Page.getFrameTree');
  let document = '';
  let documentBytes = 0;
  let pageBytes = 0;
  const exceeded = new Promise<never>((_resolve, reject) => {
    session.on('Network.requestWillBeSent', ({ requestId, frameId, type }) => {
      if (type !== 'Document' || frameId !== frameTree.frame.id) return;
      document = requestId;
      documentBytes = 0;
    });
    session.on('Network.dataReceived', ({ requestId, dataLength }) => {
      pageBytes += dataLength;
      if (requestId === document) documentBytes += dataLength;
      if (documentBytes > maxDocumentBytes)
        reject(new PageRefusal('TOO_LARGE', `the page is larger than the limit of ${maxDocumentBytes} bytes`));
      const maxPageBytes = maxDocumentBytes * RESOURCES_FACTOR;
      if (pageBytes > maxPageBytes) reject(new PageRefusal('TOO_LARGE', `the page loads more than ${maxPageBytes} bytes`));
    });
  });
  exceeded.catch(() => undefined); // heard only while the page is in use
  await session.send('Network.enable');
  return { exceeded };
}
