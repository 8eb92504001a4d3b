/** The origin of a channel's log: unique in the world, part of every checkpoint. */
export function originOf(installationId: string, channelId: string): string {
  return `concordat/${installationId}/${channelId}`;
}
