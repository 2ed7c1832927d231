/**
 * Linux and macOS are supported, on x64 and arm64.
 * @returns {string | undefined} the line to show when this machine cannot run Gleaner
 */
export function platformProblem(platform = process.platform, arch = process.arch) {
  if (platform === 'win32')
    return 'Windows is not supported directly: run this inside WSL (https://learn.microsoft.com/windows/wsl/install)';
  if (platform !== 'linux' && platform !== 'darwin') return `${platform} is not supported: use Linux or macOS`;
  if (arch !== 'x64' && arch !== 'arm64') return `${platform} on ${arch} is not supported: x64 and arm64 are`;
  return undefined;
}
