#!/usr/bin/env bash
# Checks that what the documents link to is there: files, and headings of
# documents, by GitHub's spelling of them.
. "$(dirname "${BASH_SOURCE[0]}")/rules.sh"

# anchors FILE: one a line.
anchors() {
  sed -n '/^```/,/^```/!s/^##* *//p' "$1" | tr '[:upper:]' '[:lower:]' |
    sed -e 's/[^a-z0-9 _-]//g' -e 's/ /-/g'
}

count=0
mapfile -t pages < <(find . -name '*.md' -not -path './build*' -not -path './.git/*' | sort)
[ "${#pages[@]}" -gt 0 ] || complain "there are no documents"
for page in "${pages[@]}"; do
  folder=$(dirname "$page")
  # Links may be broken over lines; code is none.
  while IFS= read -r link; do
    count=$((count + 1))
    case $link in
    http://* | https://* | mailto:*) continue ;;
    esac
    file=${link%%#*}
    target=$page
    [ -n "$file" ] && target=$folder/$file
    if [ ! -e "$target" ]; then
      complain "$page: there is no '$link'"
    elif [ "$link" != "$file" ] && [ -f "$target" ] &&
      ! anchors "$target" | grep -qxF -- "${link#*#}"; then
      complain "$page: '$target' has no heading '${link#*#}'"
    fi
  done < <(sed -e '/^```/,/^```/d' -e '/^    /d' "$page" | tr '\n' ' ' |
    sed 's/`[^`]*`//g' | grep -oE '\]\([^)]+\)' | sed -E 's/^\]\(([^ )]+).*$/\1/')
done
[ "$count" -gt 0 ] || complain "there are no links"
conclude "$count links of ${#pages[@]} documents lead somewhere"
