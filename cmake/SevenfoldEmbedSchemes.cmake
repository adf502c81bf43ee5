# cmake -DOUTPUT=F.cpp -DFILES=a.json|b.json -P SevenfoldEmbedSchemes.cmake
# Writes the C++ file that holds the catalogue's scheme files as text.
string(REPLACE "|" ";" FILES "${FILES}")
set(entries "")
foreach(path IN LISTS FILES)
  get_filename_component(file "${path}" NAME)
  file(READ "${path}" text)
  string(APPEND entries "    {\"${file}\", R\"scheme(${text})scheme\"},\n")
endforeach()
file(WRITE "${OUTPUT}"
"// Generated from python-free-configs/schemes; never edited by hand.
#include \"EmbeddedSchemes.h\"

static const sevenfold::EmbeddedScheme kSchemes[] = {
${entries}};

llvm::ArrayRef<sevenfold::EmbeddedScheme> sevenfold::embeddedSchemes() {
  return kSchemes;
}
")
