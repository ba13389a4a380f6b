"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // The commands call the server the page came from.
  if (location.protocol.startsWith("http")) {
    const server = document.body.dataset.server;
    for (const code of all("[data-curl]")) code.textContent = code.textContent.replace(server, location.origin);
  }

  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea"); // plain http off localhost has no clipboard API
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    let said = "Copied";
    try { await copy(button.closest("figure").querySelector("code").textContent); } catch { said = "Not allowed"; }
    button.textContent = said;
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });

  const menu = document.getElementById("menu");
  const narrow = matchMedia("(max-width: 50rem)");
  const fold = () => { menu.open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();
  menu.addEventListener("click", (event) => { if (narrow.matches && event.target.closest("a")) menu.open = false; });

  // Every word must occur; groups without a hit fold away.
  const search = document.getElementById("search"), found = document.getElementById("found");
  const articles = all("article");
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let hits = 0;
    for (const article of articles) {
      const hit = words.every((word) => article.dataset.search.includes(word));
      article.hidden = !hit;
      if (hit) hits++;
    }
    for (const li of all("[data-for]")) li.hidden = document.getElementById(li.dataset.for).hidden;
    for (const group of all("[data-group]")) group.hidden = all("article, li", group).every((one) => one.hidden);
    document.querySelector("[data-intro]").hidden = words.length > 0;
    found.hidden = words.length === 0;
    found.textContent = hits === 0 ? "Nothing matches." : hits + (hits === 1 ? " match" : " matches");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      search.dispatchEvent(new Event("input"));
      search.blur();
    }
  });

  // The contents mark what is being read.
  const links = new Map(all("[data-for]").map((li) => [li.dataset.for, li.firstElementChild]));
  let here;
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      here?.classList.remove("here");
      here = links.get(entry.target.id);
      here?.classList.add("here");
    }
  }, { rootMargin: "-15% 0px -75%" });
  for (const article of articles) observer.observe(article);
})();
