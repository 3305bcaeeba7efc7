// Talks to the sandbox: JSON in, JSON out. A refusal is an Error with the sandbox's own sentence.

const token = document.querySelector('meta[name="sandbox-token"]').content;

export async function get(path) {
  return answer(await fetch(`/_control/${path}`));
}

export async function post(path, body) {
  return answer(
    await fetch(`/_control/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Sandbox-Token': token },
      body: JSON.stringify(body),
    }),
  );
}

/** Uploads a file as that person; the answer's `file` is as in files.info. */
export async function upload(as, file) {
  const query = new URLSearchParams({ as, name: file.name });
  return answer(
    await fetch(`/_control/upload?${query}`, { method: 'POST', headers: { 'X-Sandbox-Token': token }, body: file }),
  );
}

async function answer(response) {
  let body;
  try {
    body = await response.json();
  } catch {
    throw new Error(`The sandbox answered ${response.status} without JSON`);
  }
  if (!response.ok || body.ok === false) throw new Error(body.error ?? `The sandbox answered ${response.status}`);
  return body;
}

/** A sandbox that was started anew has another token: only a fresh page can talk to it. */
export async function sameStart() {
  const page = new DOMParser().parseFromString(await (await fetch('/')).text(), 'text/html');
  if (page.querySelector('meta[name="sandbox-token"]')?.content !== token) location.reload();
}
